package dev.millrace.worker.wasm.wasi;

import dev.millrace.worker.wasm.files.Errno;
import dev.millrace.worker.wasm.files.FileNode;
import dev.millrace.worker.wasm.files.FileNode.Directory;
import dev.millrace.worker.wasm.files.FileNode.Regular;
import dev.millrace.worker.wasm.files.FileRefusal;
import dev.millrace.worker.wasm.files.OpenFile;
import dev.millrace.worker.wasm.files.OpenFile.Access;
import dev.millrace.worker.wasm.files.Place;
import dev.millrace.worker.wasm.files.Scratch;
import dev.millrace.worker.wasm.host.Call;
import dev.millrace.worker.wasm.host.GuestMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The functions of WASI preview 1 that work on descriptors of files and directories: granted ones,
 * which can be read, and those of the scratch directory. Times are 0, and there are no links.
 */
final class WasiFiles {

  static final int FDSTAT_BYTES = 24;
  static final int FILESTAT_BYTES = 64;
  static final long RIGHT_READ = 1L << 1;
  static final long RIGHT_WRITE = 1L << 6;

  private static final long ALL_RIGHTS = (1L << 30) - 1;
  private static final long RIGHT_SET_SIZE = 1L << 22;

  /** Longest path, in bytes. */
  private static final int PATH_LIMIT_BYTES = 4096;

  private static final int PRESTAT_BYTES = 8;
  private static final int DIRENT_BYTES = 24;

  private static final int CREATE = 1;
  private static final int DIRECTORY = 2;
  private static final int EXCLUSIVE = 4;
  private static final int TRUNCATE = 8;
  private static final int APPEND = 1;

  private static final int FROM_START = 0;
  private static final int FROM_POSITION = 1;
  private static final int FROM_END = 2;

  private WasiFiles() {}

  static long prestat(Call call, GuestMemory memory, long[] args) throws FileRefusal {
    int pointer = (int) args[1];
    memory.check(pointer, PRESTAT_BYTES);
    byte[] path = grantedPath(call, (int) args[0]);
    memory.writeInt(pointer, 0);
    memory.writeInt(pointer + 4, path.length);
    return Errno.SUCCESS;
  }

  static long prestatName(Call call, GuestMemory memory, long[] args) throws FileRefusal {
    int capacity = (int) args[2];
    memory.check((int) args[1], capacity);
    byte[] path = grantedPath(call, (int) args[0]);
    if (capacity < path.length) {
      return Errno.NAMETOOLONG;
    }
    memory.write((int) args[1], path, 0, path.length);
    return Errno.SUCCESS;
  }

  private static byte[] grantedPath(Call call, int descriptor) throws FileRefusal {
    String path = call.descriptors().get(descriptor).guestPath();
    if (path.isEmpty()) {
      throw new FileRefusal(Errno.BADF);
    }
    return path.getBytes(StandardCharsets.UTF_8);
  }

  static long open(Call call, GuestMemory memory, long[] args) throws FileRefusal {
    int flags = (int) args[4];
    int result = (int) args[8];
    memory.check(result, Integer.BYTES);
    Place place = place(call, memory, args, 0, 2);
    boolean write = (args[5] & RIGHT_WRITE) != 0;
    Access access = new Access((args[5] & RIGHT_READ) != 0, write, (args[7] & APPEND) != 0);
    call.descriptors().reserve();
    FileNode node = place.node() == null ? create(place, flags) : existing(place, flags, write);
    memory.writeInt(result, call.descriptors().open(OpenFile.of(node, access)));
    return Errno.SUCCESS;
  }

  private static FileNode create(Place place, int flags) throws FileRefusal {
    if ((flags & CREATE) == 0) {
      throw new FileRefusal(Errno.NOENT);
    }
    if ((flags & DIRECTORY) != 0) {
      throw new FileRefusal(Errno.INVAL);
    }
    Scratch scratch = place.writable();
    if (place.directory()) {
      throw new FileRefusal(Errno.ISDIR);
    }
    return scratch.createFile(place.parent(), place.name());
  }

  private static FileNode existing(Place place, int flags, boolean write) throws FileRefusal {
    FileNode node = place.present();
    if ((flags & CREATE) != 0 && (flags & EXCLUSIVE) != 0) {
      throw new FileRefusal(Errno.EXIST);
    }
    if (node instanceof Regular file) {
      if ((flags & DIRECTORY) != 0) {
        throw new FileRefusal(Errno.NOTDIR);
      }
      if (write || (flags & TRUNCATE) != 0) {
        Scratch scratch = file.writable();
        if ((flags & TRUNCATE) != 0) {
          scratch.resize(file, 0);
        }
      }
    } else if ((flags & TRUNCATE) != 0 || (write && (flags & DIRECTORY) == 0)) {
      throw new FileRefusal(Errno.ISDIR);
    }
    return node;
  }

  /** {@code fd_read} from a file; the pointers are checked. */
  static long read(Call call, GuestMemory memory, long[] args) throws FileRefusal {
    OpenFile open = call.descriptors().get((int) args[0]);
    int total = read(open, memory, args, open.position());
    open.position(open.position() + total);
    memory.writeInt((int) args[3], total);
    return Errno.SUCCESS;
  }

  static long readAt(Call call, GuestMemory memory, long[] args) throws FileRefusal {
    check(memory, args, 4);
    OpenFile open = call.descriptors().get((int) args[0], Errno.SPIPE);
    memory.writeInt((int) args[4], read(open, memory, args, position(args[3])));
    return Errno.SUCCESS;
  }

  private static int read(OpenFile open, GuestMemory memory, long[] args, long from)
      throws FileRefusal {
    Regular file = regular(open);
    if (!open.access().read()) {
      throw new FileRefusal(Errno.BADF);
    }
    int start = (int) Math.min(from, file.size());
    return Vectors.fill(memory, (int) args[1], (int) args[2], file.bytes(), start, file.size());
  }

  /** {@code fd_write} to a file; the pointers are checked. */
  static long write(Call call, GuestMemory memory, long[] args) throws FileRefusal {
    OpenFile open = call.descriptors().get((int) args[0]);
    long from = open.access().append() ? open.node().size() : open.position();
    int total = write(open, memory, args, from);
    open.position(from + total);
    memory.writeInt((int) args[3], total);
    return Errno.SUCCESS;
  }

  static long writeAt(Call call, GuestMemory memory, long[] args) throws FileRefusal {
    check(memory, args, 4);
    OpenFile open = call.descriptors().get((int) args[0], Errno.SPIPE);
    memory.writeInt((int) args[4], write(open, memory, args, position(args[3])));
    return Errno.SUCCESS;
  }

  private static int write(OpenFile open, GuestMemory memory, long[] args, long from)
      throws FileRefusal {
    Regular file = regular(open);
    if (!open.access().write()) {
      throw new FileRefusal(Errno.BADF);
    }
    Scratch scratch = file.writable();
    long[] next = {from};
    return Vectors.drain(
        memory,
        (int) args[1],
        (int) args[2],
        (pointer, length) -> {
          int fits = Math.min(length, scratch.room(file, next[0]));
          if (fits == 0 && length > 0 && next[0] == from) {
            throw new FileRefusal(Errno.NOSPC);
          }
          scratch.write(file, next[0], memory.read(pointer, fits));
          next[0] += fits;
          return fits;
        });
  }

  static long seek(Call call, GuestMemory memory, long[] args) throws FileRefusal {
    memory.check((int) args[3], Long.BYTES);
    OpenFile open = call.descriptors().get((int) args[0], Errno.SPIPE);
    Regular file = regular(open);
    long base =
        switch ((int) args[2]) {
          case FROM_START -> 0;
          case FROM_POSITION -> open.position();
          case FROM_END -> file.size();
          default -> throw new FileRefusal(Errno.INVAL);
        };
    open.position(position(base + args[1]));
    memory.writeLong((int) args[3], open.position());
    return Errno.SUCCESS;
  }

  static long tell(Call call, GuestMemory memory, long[] args) throws FileRefusal {
    memory.check((int) args[1], Long.BYTES);
    OpenFile open = call.descriptors().get((int) args[0], Errno.SPIPE);
    regular(open);
    memory.writeLong((int) args[1], open.position());
    return Errno.SUCCESS;
  }

  static long setSize(Call call, GuestMemory memory, long[] args) throws FileRefusal {
    OpenFile open = call.descriptors().get((int) args[0], Errno.INVAL);
    Regular file = regular(open);
    if (!open.access().write()) {
      throw new FileRefusal(Errno.INVAL);
    }
    file.writable().resize(file, position(args[1]));
    return Errno.SUCCESS;
  }

  /** What a guest is going to do with a file that is in memory changes nothing. */
  static long advise(Call call, GuestMemory memory, long[] args) throws FileRefusal {
    call.descriptors().get((int) args[0], Errno.SPIPE);
    return Errno.SUCCESS;
  }

  /** {@code fd_sync} and {@code fd_datasync}: memory is as durable as it gets. */
  static long sync(Call call, GuestMemory memory, long[] args) throws FileRefusal {
    call.descriptors().get((int) args[0], Errno.INVAL);
    return Errno.SUCCESS;
  }

  /** {@code fd_fdstat_get} of a file; the pointer is checked. */
  static long fdstat(Call call, GuestMemory memory, long[] args) throws FileRefusal {
    OpenFile open = call.descriptors().get((int) args[0]);
    int pointer = (int) args[1];
    memory.write(pointer, new byte[FDSTAT_BYTES], 0, FDSTAT_BYTES);
    memory.writeByte(pointer, open.node().type());
    memory.writeShort(pointer + 2, open.access().append() ? APPEND : 0);
    memory.writeLong(pointer + 8, rights(open));
    memory.writeLong(pointer + 16, open.node() instanceof Directory ? ALL_RIGHTS : 0);
    return Errno.SUCCESS;
  }

  /**
   * A directory has all rights, a granted one too: C libraries ask only for those that it has when
   * they open a file in it, and would open one for writing without the right to write.
   */
  private static long rights(OpenFile open) {
    long rights = ALL_RIGHTS;
    if (open.node() instanceof Regular) {
      rights &= open.access().read() ? ALL_RIGHTS : ~RIGHT_READ;
      rights &= open.access().write() ? ALL_RIGHTS : ~(RIGHT_WRITE | RIGHT_SET_SIZE);
    }
    return rights;
  }

  /** {@code fd_filestat_get} of a file; the pointer is checked. */
  static long filestat(Call call, GuestMemory memory, long[] args) throws FileRefusal {
    writeFilestat(memory, (int) args[1], call.descriptors().get((int) args[0]).node());
    return Errno.SUCCESS;
  }

  static long pathFilestat(Call call, GuestMemory memory, long[] args) throws FileRefusal {
    memory.check((int) args[4], FILESTAT_BYTES);
    FileNode node = place(call, memory, args, 0, 2).present();
    writeFilestat(memory, (int) args[4], node);
    return Errno.SUCCESS;
  }

  private static void writeFilestat(GuestMemory memory, int pointer, FileNode node) {
    memory.write(pointer, new byte[FILESTAT_BYTES], 0, FILESTAT_BYTES);
    memory.writeLong(pointer + 8, node.inode());
    memory.writeByte(pointer + 16, node.type());
    memory.writeLong(pointer + 24, 1);
    memory.writeLong(pointer + 32, node.size());
  }

  /** Entries until the buffer is full; the last one may be cut off, and is asked for again. */
  static long readDirectory(Call call, GuestMemory memory, long[] args) throws FileRefusal {
    int pointer = (int) args[1];
    int capacity = (int) args[2];
    memory.check(pointer, capacity);
    memory.check((int) args[4], Integer.BYTES);
    Directory directory = call.descriptors().directory((int) args[0]);
    List<FileNode.Entry> entries =
        call.descriptors().get((int) args[0]).listing(directory, args[3] == 0);
    int used = 0;
    // A cookie is the number of entries before; one that nobody handed out leads to the end.
    for (long i = args[3]; i >= 0 && i < entries.size() && used < capacity; i++) {
      byte[] entry = entry(entries.get((int) i), i + 1);
      int length = Math.min(entry.length, capacity - used);
      memory.write(pointer + used, entry, 0, length);
      used += length;
    }
    memory.writeInt((int) args[4], used);
    return Errno.SUCCESS;
  }

  private static byte[] entry(FileNode.Entry entry, long next) {
    byte[] name = entry.name().getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(DIRENT_BYTES + name.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(next)
        .putLong(entry.node().inode())
        .putInt(name.length)
        .putInt(entry.node().type())
        .put(name)
        .array();
  }

  static long createDirectory(Call call, GuestMemory memory, long[] args) throws FileRefusal {
    Place place = place(call, memory, args, 0, 1);
    if (place.node() != null) {
      return Errno.EXIST;
    }
    place.writable().createDirectory(place.parent(), place.name());
    return Errno.SUCCESS;
  }

  static long unlink(Call call, GuestMemory memory, long[] args) throws FileRefusal {
    Place place = place(call, memory, args, 0, 1);
    if (place.present() instanceof Directory) {
      return Errno.ISDIR;
    }
    place.writable().remove(place.parent(), place.name());
    return Errno.SUCCESS;
  }

  static long removeDirectory(Call call, GuestMemory memory, long[] args) throws FileRefusal {
    Place place = place(call, memory, args, 0, 1);
    if (!(place.present() instanceof Directory)) {
      return Errno.NOTDIR;
    }
    place.writable().remove(place.parent(), place.name());
    return Errno.SUCCESS;
  }

  static long rename(Call call, GuestMemory memory, long[] args) throws FileRefusal {
    byte[] newPath = path(memory, args, 4);
    Place from = place(call, memory, args, 0, 1);
    Place to = Place.find(call.descriptors().directory((int) args[3]), text(newPath));
    from.present();
    from.writable();
    to.writable().rename(from, to);
    return Errno.SUCCESS;
  }

  /** No path is a link. */
  static long readLink(Call call, GuestMemory memory, long[] args) throws FileRefusal {
    place(call, memory, args, 0, 1).present();
    return Errno.INVAL;
  }

  /** Follows the path at an argument, from the directory at another one. */
  private static Place place(Call call, GuestMemory memory, long[] args, int directory, int path)
      throws FileRefusal {
    byte[] bytes = path(memory, args, path);
    return Place.find(call.descriptors().directory((int) args[directory]), text(bytes));
  }

  /** A path, or as much of one as says that it is too long. */
  private static byte[] path(GuestMemory memory, long[] args, int path) {
    memory.check((int) args[path], (int) args[path + 1]);
    int length = Math.min((int) args[path + 1], PATH_LIMIT_BYTES + 1);
    return memory.read((int) args[path], length);
  }

  private static String text(byte[] path) throws FileRefusal {
    if (path.length > PATH_LIMIT_BYTES) {
      throw new FileRefusal(Errno.NAMETOOLONG);
    }
    String text = GuestMemory.text(path);
    if (text == null) {
      throw new FileRefusal(Errno.ILSEQ);
    }
    return text;
  }

  private static void check(GuestMemory memory, long[] args, int result) {
    memory.checkArray((int) args[1], (int) args[2], Vectors.BYTES);
    memory.check((int) args[result], Integer.BYTES);
  }

  private static Regular regular(OpenFile open) throws FileRefusal {
    if (open.node() instanceof Regular file) {
      return file;
    }
    throw new FileRefusal(Errno.ISDIR);
  }

  private static long position(long position) throws FileRefusal {
    if (position < 0) {
      throw new FileRefusal(Errno.INVAL);
    }
    return position;
  }
}
