package dev.millrace.worker.wasm.wasi;

import dev.millrace.worker.wasm.deadline.Interruption;
import dev.millrace.worker.wasm.files.Errno;
import dev.millrace.worker.wasm.files.FileRefusal;
import dev.millrace.worker.wasm.host.Call;
import dev.millrace.worker.wasm.host.GuestMemory;
import dev.millrace.worker.wasm.host.GuestStop;
import dev.millrace.worker.wasm.host.HostImport;
import java.util.ArrayList;
import java.util.List;

/**
 * WASI preview 1 for a guest that is granted nothing but its standard streams, arguments,
 * environment, clocks and random numbers, and the directories of the manifest's {@code files} and
 * {@code scratch} ({@link WasiFiles}). Functions that need a file answer for any other descriptor
 * the error of one that is not a file.
 *
 * <p>These are the project's own functions and not a library's, because they outlive the
 * invocation: they are linked once for each slot and find the current invocation in its {@link
 * Call}, so that nothing of one event, an open descriptor included, can reach the next.
 *
 * @see <a href="https://github.com/WebAssembly/WASI/blob/v0.2.1/legacy/preview1/docs.md">WASI
 *     preview 1 </a>
 */
public final class WasiImports {

  /** The import module that guests name. */
  public static final String MODULE = "wasi_snapshot_preview1";

  private static final int STDIN = 0;
  private static final int STDOUT = 1;
  private static final int RANDOM_CHUNK_BYTES = 1 << 14;

  private WasiImports() {}

  /** All functions of the module. */
  public static List<HostImport> all() {
    List<HostImport> imports = new ArrayList<>();
    addGranted(imports);
    addFiles(imports);
    addRefused(imports);
    return List.copyOf(imports);
  }

  private static void addGranted(List<HostImport> imports) {
    add(imports, "args_sizes_get", "ii:i", WasiImports::argsSizes);
    add(imports, "args_get", "ii:i", WasiImports::args);
    add(imports, "environ_sizes_get", "ii:i", WasiImports::environSizes);
    add(imports, "environ_get", "ii:i", WasiImports::environ);
    add(imports, "clock_res_get", "ii:i", WasiImports::clockResolution);
    add(imports, "clock_time_get", "ili:i", WasiImports::clockTime);
    add(imports, "random_get", "ii:i", WasiImports::random);
    add(imports, "sched_yield", ":i", (c, m, a) -> Errno.SUCCESS);
    add(imports, "proc_exit", "i:", WasiImports::exit);
    addFile(imports, "fd_read", "iiii:i", WasiImports::read);
    addFile(imports, "fd_write", "iiii:i", WasiImports::write);
    addFile(imports, "fd_close", "i:i", WasiImports::close);
    addFile(imports, "fd_fdstat_get", "ii:i", WasiImports::fdstat);
    addFile(imports, "fd_filestat_get", "ii:i", WasiImports::filestat);
    add(imports, "poll_oneoff", "iiii:i", WasiPoll::oneoff);
  }

  private static void addFiles(List<HostImport> imports) {
    addFile(imports, "fd_advise", "illi:i", WasiFiles::advise);
    addFile(imports, "fd_datasync", "i:i", WasiFiles::sync);
    addFile(imports, "fd_filestat_set_size", "il:i", WasiFiles::setSize);
    addFile(imports, "fd_pread", "iiili:i", WasiFiles::readAt);
    addFile(imports, "fd_prestat_get", "ii:i", WasiFiles::prestat);
    addFile(imports, "fd_prestat_dir_name", "iii:i", WasiFiles::prestatName);
    addFile(imports, "fd_pwrite", "iiili:i", WasiFiles::writeAt);
    addFile(imports, "fd_readdir", "iiili:i", WasiFiles::readDirectory);
    addFile(imports, "fd_seek", "ilii:i", WasiFiles::seek);
    addFile(imports, "fd_sync", "i:i", WasiFiles::sync);
    addFile(imports, "fd_tell", "ii:i", WasiFiles::tell);
    addFile(imports, "path_create_directory", "iii:i", WasiFiles::createDirectory);
    addFile(imports, "path_filestat_get", "iiiii:i", WasiFiles::pathFilestat);
    addFile(imports, "path_open", "iiiiillii:i", WasiFiles::open);
    addFile(imports, "path_readlink", "iiiiii:i", WasiFiles::readLink);
    addFile(imports, "path_remove_directory", "iii:i", WasiFiles::removeDirectory);
    addFile(imports, "path_rename", "iiiiii:i", WasiFiles::rename);
    addFile(imports, "path_unlink_file", "iii:i", WasiFiles::unlink);
  }

  private static void addRefused(List<HostImport> imports) {
    refuse(imports, "fd_allocate", "ill:i", Errno.INVAL);
    refuse(imports, "fd_fdstat_set_flags", "ii:i", Errno.INVAL);
    refuse(imports, "fd_fdstat_set_rights", "ill:i", Errno.NOTSUP);
    refuse(imports, "fd_filestat_set_times", "illi:i", Errno.INVAL);
    refuse(imports, "fd_renumber", "ii:i", Errno.NOTSUP);
    refusePath(imports, "path_filestat_set_times", "iiiilli:i", 0);
    refusePath(imports, "path_link", "iiiiiii:i", 0);
    refusePath(imports, "path_symlink", "iiiii:i", 2);
    refuse(imports, "sock_accept", "iii:i", Errno.NOTSOCK);
    refuse(imports, "sock_recv", "iiiiii:i", Errno.NOTSOCK);
    refuse(imports, "sock_send", "iiiii:i", Errno.NOTSOCK);
    refuse(imports, "sock_shutdown", "ii:i", Errno.NOTSOCK);
    add(imports, "proc_raise", "i:i", (c, m, a) -> Errno.NOSYS);
  }

  private static void add(
      List<HostImport> imports, String name, String signature, HostImport.Body body) {
    imports.add(HostImport.of(MODULE, name, signature, body));
  }

  /** What a function does that may answer an error number on any of its ways. */
  @FunctionalInterface
  private interface FileBody {
    long call(Call call, GuestMemory memory, long[] arguments) throws FileRefusal;
  }

  private static void addFile(
      List<HostImport> imports, String name, String signature, FileBody body) {
    add(
        imports,
        name,
        signature,
        (call, memory, arguments) -> {
          try {
            return body.call(call, memory, arguments);
          } catch (FileRefusal refusal) {
            return refusal.errno();
          }
        });
  }

  /** A function that nothing in a directory is served by, whatever the directory. */
  private static void refusePath(
      List<HostImport> imports, String name, String signature, int descriptor) {
    addFile(
        imports,
        name,
        signature,
        (call, memory, arguments) -> {
          call.descriptors().directory((int) arguments[descriptor]);
          return Errno.NOTSUP;
        });
  }

  /** A function whose first argument is a descriptor, and that is served by none. */
  private static void refuse(List<HostImport> imports, String name, String signature, int errno) {
    add(imports, name, signature, (c, m, a) -> refusal(c, (int) a[0], errno));
  }

  private static int refusal(Call call, int descriptor, int errno) {
    return call.descriptors().isOpen(descriptor) ? errno : Errno.BADF;
  }

  private static long argsSizes(Call call, GuestMemory memory, long[] args) {
    memory.writeInt((int) args[0], 1);
    memory.writeInt((int) args[1], call.settings().argument().length);
    return Errno.SUCCESS;
  }

  private static long args(Call call, GuestMemory memory, long[] args) {
    return strings(memory, args, new byte[][] {call.settings().argument()});
  }

  private static long environSizes(Call call, GuestMemory memory, long[] args) {
    int size = 0;
    for (byte[] entry : call.environment()) {
      size += entry.length;
    }
    memory.writeInt((int) args[0], call.environment().length);
    memory.writeInt((int) args[1], size);
    return Errno.SUCCESS;
  }

  private static long environ(Call call, GuestMemory memory, long[] args) {
    return strings(memory, args, call.environment());
  }

  private static long strings(GuestMemory memory, long[] args, byte[][] strings) {
    int pointers = (int) args[0];
    int buffer = (int) args[1];
    for (byte[] string : strings) {
      memory.writeInt(pointers, buffer);
      memory.write(buffer, string, 0, string.length);
      pointers += Integer.BYTES;
      buffer += string.length;
    }
    return Errno.SUCCESS;
  }

  private static long clockResolution(Call call, GuestMemory memory, long[] args) {
    int errno = WasiClock.errno((int) args[0]);
    memory.check((int) args[1], Long.BYTES);
    if (errno == Errno.SUCCESS) {
      memory.writeLong((int) args[1], 1);
    }
    return errno;
  }

  private static long clockTime(Call call, GuestMemory memory, long[] args) {
    int errno = WasiClock.errno((int) args[0]);
    memory.check((int) args[2], Long.BYTES);
    if (errno == Errno.SUCCESS) {
      memory.writeLong((int) args[2], call.answers().nanos((int) args[0]));
    }
    return errno;
  }

  private static long random(Call call, GuestMemory memory, long[] args) {
    int pointer = (int) args[0];
    int length = (int) args[1];
    memory.check(pointer, length);
    byte[] chunk = new byte[Math.min(length, RANDOM_CHUNK_BYTES)];
    for (int done = 0; done < length; done += chunk.length) {
      Interruption.check();
      call.answers().random(chunk);
      memory.write(pointer + done, chunk, 0, Math.min(chunk.length, length - done));
    }
    return Errno.SUCCESS;
  }

  private static long exit(Call call, GuestMemory memory, long[] args) {
    throw new GuestStop.Exit((int) args[0]);
  }

  private static long read(Call call, GuestMemory memory, long[] args) throws FileRefusal {
    int descriptor = (int) args[0];
    int vectors = (int) args[1];
    int count = (int) args[2];
    memory.checkArray(vectors, count, Vectors.BYTES);
    memory.check((int) args[3], Integer.BYTES);
    if (!call.descriptors().isStream(descriptor)) {
      return WasiFiles.read(call, memory, args);
    }
    if (descriptor != STDIN) {
      return Errno.BADF;
    }
    byte[] event = call.data();
    byte[] data = event == null ? new byte[0] : event;
    int total = Vectors.fill(memory, vectors, count, data, call.dataPosition(), data.length);
    call.advanceData(total);
    memory.writeInt((int) args[3], total);
    return Errno.SUCCESS;
  }

  private static long write(Call call, GuestMemory memory, long[] args) throws FileRefusal {
    int descriptor = (int) args[0];
    int vectors = (int) args[1];
    int count = (int) args[2];
    memory.checkArray(vectors, count, Vectors.BYTES);
    memory.check((int) args[3], Integer.BYTES);
    if (!call.descriptors().isStream(descriptor)) {
      return WasiFiles.write(call, memory, args);
    }
    if (descriptor == STDIN) {
      return Errno.BADF;
    }
    boolean reply = descriptor == STDOUT && call.settings().repliesByStdout();
    int total =
        Vectors.drain(
            memory,
            vectors,
            count,
            (pointer, length) -> {
              if (!reply) {
                call.log().write(memory.read(pointer, length));
              } else if (call.output().fits(length)) {
                call.output().append(memory.read(pointer, length));
              } else {
                throw new GuestStop.OutputExceeded();
              }
              return length;
            });
    memory.writeInt((int) args[3], total);
    return Errno.SUCCESS;
  }

  private static long close(Call call, GuestMemory memory, long[] args) throws FileRefusal {
    call.descriptors().close((int) args[0]);
    return Errno.SUCCESS;
  }

  /** A stream is of unknown type, as a pipe is: C libraries then buffer it fully. */
  private static long fdstat(Call call, GuestMemory memory, long[] args) throws FileRefusal {
    int descriptor = (int) args[0];
    int pointer = (int) args[1];
    memory.check(pointer, WasiFiles.FDSTAT_BYTES);
    if (!call.descriptors().isStream(descriptor)) {
      return WasiFiles.fdstat(call, memory, args);
    }
    memory.write(pointer, new byte[WasiFiles.FDSTAT_BYTES], 0, WasiFiles.FDSTAT_BYTES);
    memory.writeLong(
        pointer + 8, descriptor == STDIN ? WasiFiles.RIGHT_READ : WasiFiles.RIGHT_WRITE);
    return Errno.SUCCESS;
  }

  private static long filestat(Call call, GuestMemory memory, long[] args) throws FileRefusal {
    int pointer = (int) args[1];
    memory.check(pointer, WasiFiles.FILESTAT_BYTES);
    if (!call.descriptors().isStream((int) args[0])) {
      return WasiFiles.filestat(call, memory, args);
    }
    memory.write(pointer, new byte[WasiFiles.FILESTAT_BYTES], 0, WasiFiles.FILESTAT_BYTES);
    return Errno.SUCCESS;
  }
}
