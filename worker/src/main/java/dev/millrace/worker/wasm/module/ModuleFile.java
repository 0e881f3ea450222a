package dev.millrace.worker.wasm.module;

import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HexFormat;

/**
 * A {@code .wasm} file that was read and parsed.
 *
 * @param bytes the file's content, not copied
 * @param module what it parses to
 */
public record ModuleFile(byte[] bytes, WasmModule module) {

  /** Modules beyond this size are refused. */
  public static final long MAX_BYTES = 256L << 20;

  private static final int HEADER_BYTES = 8;
  private static final int MAGIC = 0x0061736d;
  private static final int CORE_VERSION = 0x01000000;
  private static final int COMPONENT_LAYER = 0x0100;

  /** What a file is. */
  public enum Kind {
    CORE_MODULE,
    COMPONENT,
    NOT_WASM
  }

  /** A module that cannot be read; the message is one sentence for the user. */
  public static final class UnreadableException extends Exception {
    private static final long serialVersionUID = 1L;

    /** What is wrong with which file, and why. */
    public UnreadableException(String message, Throwable cause) {
      super(message, cause);
    }

    /** What is wrong with which file. */
    public UnreadableException(String message) {
      super(message);
    }
  }

  /** Reads and parses a file. */
  public static ModuleFile read(Path path) throws UnreadableException {
    return of(path.toString(), bytes(path));
  }

  /**
   * Parses a module.
   *
   * @param path what messages call it
   * @param bytes not copied
   */
  static ModuleFile of(String path, byte[] bytes) throws UnreadableException {
    checkHeader(path, bytes);
    try {
      return new ModuleFile(bytes, Parser.parse(bytes));
    } catch (ChicoryException e) {
      throw new UnreadableException(
          path + " cannot be parsed (" + e.getMessage() + "); build or copy it again", e);
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
      throw new UnreadableException(
          path + " cannot be parsed (" + e + "); build or copy it again", e);
    }
  }

  /** Reads a file. */
  public static byte[] bytes(Path path) throws UnreadableException {
    try {
      long size = Files.size(path);
      if (size > MAX_BYTES) {
        throw new UnreadableException(
            path
                + " has "
                + size
                + " bytes, more than the "
                + MAX_BYTES
                + " that a module may have");
      }
      return Files.readAllBytes(path);
    } catch (NoSuchFileException e) {
      throw new UnreadableException(path + " does not exist; build it or correct 'wasm:'", e);
    } catch (IOException e) {
      throw new UnreadableException(path + " cannot be read (" + e + ")", e);
    }
  }

  /** Whether it is a core module by its first bytes. */
  static void checkHeader(String path, byte[] bytes) throws UnreadableException {
    if (bytes.length < HEADER_BYTES) {
      throw new UnreadableException(
          path
              + " has only "
              + bytes.length
              + " bytes and is no WebAssembly module; build it again");
    }
    if (word(bytes, 0) != MAGIC) {
      throw new UnreadableException(
          path
              + " is no WebAssembly module (it starts with "
              + HexFormat.ofDelimiter(" ").formatHex(bytes, 0, 4)
              + ", not with 00 61 73 6d)");
    }
    int version = word(bytes, 4);
    if ((version & 0xffff) == COMPONENT_LAYER) {
      throw new UnreadableException(
          path
              + " is a WebAssembly component, which is not supported; build a core module, for"
              + " example for wasm32-wasip1 (wasm32-wasi)");
    }
    if (version != CORE_VERSION) {
      throw new UnreadableException(
          path
              + " has the unknown WebAssembly version "
              + HexFormat.ofDelimiter(" ").formatHex(bytes, 4, 8)
              + "; only version 1 is supported");
    }
  }

  /** What a file is, by its first bytes. */
  public static Kind kind(byte[] bytes) {
    if (bytes.length < HEADER_BYTES || word(bytes, 0) != MAGIC) {
      return Kind.NOT_WASM;
    }
    return (word(bytes, 4) & 0xffff) == COMPONENT_LAYER ? Kind.COMPONENT : Kind.CORE_MODULE;
  }

  private static int word(byte[] bytes, int at) {
    return ((bytes[at] & 0xff) << 24)
        | ((bytes[at + 1] & 0xff) << 16)
        | ((bytes[at + 2] & 0xff) << 8)
        | (bytes[at + 3] & 0xff);
  }
}
