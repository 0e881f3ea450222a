package dev.millrace.worker.wasm.wasi;

import com.dylibso.chicory.runtime.Memory;
import dev.millrace.worker.wasm.Guests;
import dev.millrace.worker.wasm.files.GrantedFiles;
import dev.millrace.worker.wasm.host.Call;
import dev.millrace.worker.wasm.host.HostFunctionCalls;
import dev.millrace.worker.wasm.host.HostImport;
import dev.millrace.worker.wasm.spec.FunctionSpec;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A guest that has just begun with an event, its memory of one page, and the directories that it
 * may use: {@code /data} is descriptor 3, {@code /tmp} descriptor 4.
 */
final class WasiGuest {

  static final Map<String, HostImport> OFFERED =
      WasiImports.all().stream().collect(Collectors.toMap(HostImport::name, Function.identity()));

  static final int DATA = 3;
  static final int TMP = 4;

  /** What the scratch directory has place for. */
  static final int SCRATCH_BYTES = 100;

  private static final int PATHS = 32 << 10;
  private static final long ALL_RIGHTS = (1L << 30) - 1;
  private static final long READ_ONLY = ALL_RIGHTS & ~WasiFiles.RIGHT_WRITE;

  private final Memory memory = HostFunctionCalls.memory();
  private final Call call;

  WasiGuest(HostFunctionCalls calls, FunctionSpec spec) {
    call = calls.of(spec, GrantedFiles.small());
    nextEvent();
  }

  static WasiGuest with(HostFunctionCalls calls) {
    FunctionSpec spec = Guests.spec("program");
    return new WasiGuest(calls, Guests.with(spec, spec.limits().withScratch(SCRATCH_BYTES)));
  }

  /**
   * The same where files are open: {@code a} of {@code /data} for reading is descriptor 5, {@code
   * b} of {@code /tmp} for writing, with nothing in it, descriptor 6; there is a directory {@code
   * d} beside each, with a file {@code f} in that of {@code /data}. Names are at 1024 and after.
   */
  static WasiGuest started(HostFunctionCalls calls) {
    WasiGuest guest = with(calls);
    guest.open(DATA, "a", 0, READ_ONLY, 0);
    guest.open(TMP, "b", 1, ALL_RIGHTS, 0);
    guest.onPath("path_create_directory", TMP, "d");
    guest.memory.write(0, new byte[1 << 16], 0, 1 << 16);
    guest.write(1024, "a");
    guest.write(1032, "b");
    guest.write(1040, "c");
    guest.write(1048, "d");
    guest.write(1056, "d/f");
    guest.write(1064, "../a");
    return guest;
  }

  void nextEvent() {
    HostFunctionCalls.begin(call);
  }

  long call(String function, long... arguments) {
    return HostFunctionCalls.call(OFFERED.get(function), call, memory, arguments);
  }

  /** Opens a path; the descriptor, or the negative error number. */
  long open(int directory, String path, int flags, long rights, int fdflags) {
    int length = write(PATHS, path);
    long errno = call("path_open", directory, 0, PATHS, length, flags, rights, 0, fdflags, 0);
    return errno == 0 ? memory.readInt(0) : -errno;
  }

  /** Opens for reading. */
  long open(int directory, String path) {
    return open(directory, path, 0, READ_ONLY, 0);
  }

  /** Opens for reading and writing, and creates it if it is not there. */
  long create(int directory, String path) {
    return open(directory, path, 1, ALL_RIGHTS, 0);
  }

  /** A function of a descriptor and a path. */
  long onPath(String function, int directory, String path) {
    return call(function, directory, PATHS, write(PATHS, path));
  }

  /** The same with a path that may be no text. */
  long onPath(String function, int directory, byte[] path) {
    memory.write(PATHS, path, 0, path.length);
    return call(function, directory, PATHS, path.length);
  }

  long rename(int from, String old, int to, String next) {
    int oldLength = write(PATHS, old);
    int nextLength = write(PATHS + 8192, next);
    return call("path_rename", from, PATHS, oldLength, to, PATHS + 8192, nextLength);
  }

  /** Writes text to a descriptor; how many bytes it took, or the negative error number. */
  long write(long descriptor, String text) {
    int length = write(4096, text);
    vector(4096, length);
    long errno = call("fd_write", descriptor, 8, 1, 0);
    return errno == 0 ? memory.readInt(0) : -errno;
  }

  /** Reads a text from a descriptor, or says why not. */
  String read(long descriptor) {
    vector(4096, 1024);
    long errno = call("fd_read", descriptor, 8, 1, 0);
    return errno == 0 ? text(4096, memory.readInt(0)) : "errno " + errno;
  }

  /** The first of a function's buffers. */
  void vector(int pointer, int length) {
    memory.writeI32(8, pointer);
    memory.writeI32(12, length);
  }

  int write(int pointer, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    memory.write(pointer, bytes, 0, bytes.length);
    return bytes.length;
  }

  String text(int pointer, int length) {
    return new String(memory.readBytes(pointer, length), StandardCharsets.UTF_8);
  }

  long readLong(int pointer) {
    return memory.readLong(pointer);
  }

  int readInt(int pointer) {
    return memory.readInt(pointer);
  }
}
