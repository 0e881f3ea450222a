package dev.millrace.worker.wasm;

import com.dylibso.chicory.runtime.Memory;
import java.util.ArrayList;
import java.util.List;

/**
 * WASI preview 1 for a guest that is granted nothing but its standard streams, arguments,
 * environment, clocks and random numbers. There are no files: functions that need one answer the
 * error that they answer for a descriptor that is not a file.
 *
 * <p>These are the project's own functions and not a library's, because they outlive the
 * invocation: they are linked once for each slot and find the current invocation in its {@link
 * Call}, so that nothing of one event, an open descriptor included, can reach the next.
 *
 * @see <a href="https://github.com/WebAssembly/WASI/blob/v0.2.1/legacy/preview1/docs.md">WASI
 *     preview 1 </a>
 */
final class WasiImports {

  static final String MODULE = "wasi_snapshot_preview1";

  private static final int STDIN = 0;
  private static final int STDOUT = 1;
  private static final int IOVEC_BYTES = 8;
  private static final int FDSTAT_BYTES = 24;
  private static final int FILESTAT_BYTES = 64;
  private static final long RIGHT_FD_READ = 1L << 1;
  private static final long RIGHT_FD_WRITE = 1L << 6;
  private static final int RANDOM_CHUNK_BYTES = 1 << 14;

  private WasiImports() {}

  /** All functions of the module. */
  static List<HostImport> all() {
    List<HostImport> imports = new ArrayList<>();
    addGranted(imports);
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
    add(imports, "fd_read", "iiii:i", WasiImports::read);
    add(imports, "fd_write", "iiii:i", WasiImports::write);
    add(imports, "fd_close", "i:i", WasiImports::close);
    add(imports, "fd_fdstat_get", "ii:i", WasiImports::fdstat);
    add(imports, "fd_filestat_get", "ii:i", WasiImports::filestat);
    add(imports, "poll_oneoff", "iiii:i", WasiPoll::oneoff);
  }

  private static void addRefused(List<HostImport> imports) {
    refuse(imports, "fd_advise", "illi:i", Errno.SPIPE);
    refuse(imports, "fd_allocate", "ill:i", Errno.INVAL);
    refuse(imports, "fd_datasync", "i:i", Errno.INVAL);
    refuse(imports, "fd_fdstat_set_flags", "ii:i", Errno.INVAL);
    refuse(imports, "fd_fdstat_set_rights", "ill:i", Errno.NOTSUP);
    refuse(imports, "fd_filestat_set_size", "il:i", Errno.INVAL);
    refuse(imports, "fd_filestat_set_times", "illi:i", Errno.INVAL);
    refuse(imports, "fd_pread", "iiili:i", Errno.SPIPE);
    refuse(imports, "fd_prestat_get", "ii:i", Errno.BADF);
    refuse(imports, "fd_prestat_dir_name", "iii:i", Errno.BADF);
    refuse(imports, "fd_pwrite", "iiili:i", Errno.SPIPE);
    refuse(imports, "fd_readdir", "iiili:i", Errno.NOTDIR);
    refuse(imports, "fd_renumber", "ii:i", Errno.NOTSUP);
    refuse(imports, "fd_seek", "ilii:i", Errno.SPIPE);
    refuse(imports, "fd_sync", "i:i", Errno.INVAL);
    refuse(imports, "fd_tell", "ii:i", Errno.SPIPE);
    refuse(imports, "path_create_directory", "iii:i", Errno.NOTDIR);
    refuse(imports, "path_filestat_get", "iiiii:i", Errno.NOTDIR);
    refuse(imports, "path_filestat_set_times", "iiiilli:i", Errno.NOTDIR);
    refuse(imports, "path_link", "iiiiiii:i", Errno.NOTDIR);
    refuse(imports, "path_open", "iiiiillii:i", Errno.NOTDIR);
    refuse(imports, "path_readlink", "iiiiii:i", Errno.NOTDIR);
    refuse(imports, "path_remove_directory", "iii:i", Errno.NOTDIR);
    refuse(imports, "path_rename", "iiiiii:i", Errno.NOTDIR);
    add(imports, "path_symlink", "iiiii:i", (c, m, a) -> refusal(c, (int) a[2], Errno.NOTDIR));
    refuse(imports, "path_unlink_file", "iii:i", Errno.NOTDIR);
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

  /** A function whose first argument is a descriptor, and that works on no standard stream. */
  private static void refuse(List<HostImport> imports, String name, String signature, int errno) {
    add(imports, name, signature, (c, m, a) -> refusal(c, (int) a[0], errno));
  }

  private static int refusal(Call call, int descriptor, int errno) {
    return call.isOpen(descriptor) ? errno : Errno.BADF;
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
    int errno = HostClock.errno((int) args[0]);
    memory.check((int) args[1], Long.BYTES);
    if (errno == Errno.SUCCESS) {
      memory.writeLong((int) args[1], 1);
    }
    return errno;
  }

  private static long clockTime(Call call, GuestMemory memory, long[] args) {
    int errno = HostClock.errno((int) args[0]);
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

  private static long read(Call call, GuestMemory memory, long[] args) {
    int descriptor = (int) args[0];
    int vectors = (int) args[1];
    int count = (int) args[2];
    memory.checkArray(vectors, count, IOVEC_BYTES);
    memory.check((int) args[3], Integer.BYTES);
    if (descriptor != STDIN || !call.isOpen(STDIN)) {
      return Errno.BADF;
    }
    byte[] data = call.data();
    int total = 0;
    for (int i = 0; i < count; i++) {
      Interruption.check();
      int pointer = memory.readInt(vectors + i * IOVEC_BYTES);
      int capacity = memory.readInt(vectors + i * IOVEC_BYTES + Integer.BYTES);
      memory.check(pointer, capacity);
      int left = data == null ? 0 : data.length - call.dataPosition();
      int length = Math.min(left, capacity);
      if (data != null && length > 0) {
        memory.write(pointer, data, call.dataPosition(), length);
        call.advanceData(length);
        total += length;
      }
    }
    memory.writeInt((int) args[3], total);
    return Errno.SUCCESS;
  }

  private static long write(Call call, GuestMemory memory, long[] args) {
    int descriptor = (int) args[0];
    int vectors = (int) args[1];
    int count = (int) args[2];
    memory.checkArray(vectors, count, IOVEC_BYTES);
    memory.check((int) args[3], Integer.BYTES);
    if (descriptor == STDIN || !call.isOpen(descriptor)) {
      return Errno.BADF;
    }
    int total = 0;
    for (int i = 0; i < count; i++) {
      Interruption.check();
      int pointer = memory.readInt(vectors + i * IOVEC_BYTES);
      int length = memory.readInt(vectors + i * IOVEC_BYTES + Integer.BYTES);
      memory.check(pointer, length);
      if (length > Memory.PAGE_SIZE * Memory.RUNTIME_MAX_PAGES - total) {
        break; // a short write; what it returns is a signed number
      }
      if (descriptor == STDOUT && call.settings().abi().repliesByStdout()) {
        if (!call.output().fits(length)) {
          throw new GuestStop.OutputExceeded();
        }
        call.output().append(memory.read(pointer, length));
      } else {
        call.log().write(memory.read(pointer, length));
      }
      total += length;
    }
    memory.writeInt((int) args[3], total);
    return Errno.SUCCESS;
  }

  private static long close(Call call, GuestMemory memory, long[] args) {
    int descriptor = (int) args[0];
    if (!call.isOpen(descriptor)) {
      return Errno.BADF;
    }
    call.closeDescriptor(descriptor);
    return Errno.SUCCESS;
  }

  /** A stream is of unknown type, as a pipe is: C libraries then buffer it fully. */
  private static long fdstat(Call call, GuestMemory memory, long[] args) {
    int descriptor = (int) args[0];
    int pointer = (int) args[1];
    memory.check(pointer, FDSTAT_BYTES);
    if (!call.isOpen(descriptor)) {
      return Errno.BADF;
    }
    memory.write(pointer, new byte[FDSTAT_BYTES], 0, FDSTAT_BYTES);
    memory.writeLong(pointer + 8, descriptor == STDIN ? RIGHT_FD_READ : RIGHT_FD_WRITE);
    return Errno.SUCCESS;
  }

  private static long filestat(Call call, GuestMemory memory, long[] args) {
    int pointer = (int) args[1];
    memory.check(pointer, FILESTAT_BYTES);
    if (!call.isOpen((int) args[0])) {
      return Errno.BADF;
    }
    memory.write(pointer, new byte[FILESTAT_BYTES], 0, FILESTAT_BYTES);
    return Errno.SUCCESS;
  }
}
