package dev.millrace.worker.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Modules that do the same and have other bytes, and with them another digest: each has a custom
 * section with a number at its end. For one thread.
 */
final class Variants {

  private static final String SECTION = "variant";
  private static final int CUSTOM = 0;

  private final byte[] module;
  private final Path directory;
  private int made;

  /**
   * @param module a module, not copied
   * @param directory where the variants are written
   */
  Variants(byte[] module, Path directory) {
    this.module = module;
    this.directory = directory;
  }

  /** Writes another one. */
  Path next() throws IOException {
    Path file = directory.resolve("variant-" + ++made + ".wasm");
    byte[] name = SECTION.getBytes(StandardCharsets.US_ASCII);
    int size = 1 + name.length + Integer.BYTES;
    ByteBuffer bytes = ByteBuffer.allocate(module.length + 2 + size);
    bytes.put(module).put((byte) CUSTOM).put((byte) size).put((byte) name.length).put(name);
    bytes.putInt(made);
    return Files.write(file, bytes.array());
  }
}
