package dev.millrace.worker.wasm.files;

import dev.millrace.worker.wasm.files.FileNode.Directory;
import dev.millrace.worker.wasm.files.FileNode.Regular;

/**
 * A directory in memory that a guest can write to. What its files hold is counted by their sizes,
 * holes included; a file that was removed counts as long as it is open.
 *
 * <p>Confined to the thread that holds the slot.
 */
public final class Scratch {

  /** How many files and directories there can be. */
  public static final int MOST_NODES = 1000;

  /** Numbers beyond those of granted files. */
  private static final long FIRST_INODE = 1L << 32;

  private final int capacity;
  private Directory root;
  private long nextInode;
  private int used;
  private int nodes;

  /**
   * @param capacity of all files together, in bytes
   */
  Scratch(int capacity) {
    this.capacity = capacity;
    this.nextInode = FIRST_INODE;
    this.root = new Directory(nextInode, this);
  }

  Directory root() {
    return root;
  }

  /** Removes everything. Nothing of it may be open. */
  void clear() {
    if (nodes > 0) {
      root = new Directory(FIRST_INODE, this);
      used = 0;
      nodes = 0;
    }
    nextInode = FIRST_INODE;
  }

  /**
   * Makes an empty file.
   *
   * @throws FileRefusal if there are too many
   */
  public Regular createFile(Directory parent, String name) throws FileRefusal {
    Regular file = new Regular(take(), this, new byte[0]);
    parent.entries().put(name, file);
    return file;
  }

  /**
   * Makes an empty directory.
   *
   * @throws FileRefusal if there are too many
   */
  public void createDirectory(Directory parent, String name) throws FileRefusal {
    parent.entries().put(name, new Directory(take(), this));
  }

  private long take() throws FileRefusal {
    if (nodes >= MOST_NODES) {
      throw new FileRefusal(Errno.NOSPC);
    }
    nodes++;
    return ++nextInode;
  }

  /** Takes a name away from a file, or from a directory that is empty. */
  public void remove(Directory parent, String name) throws FileRefusal {
    FileNode node = parent.entries().get(name);
    if (node instanceof Directory directory) {
      if (!directory.entries().isEmpty()) {
        throw new FileRefusal(Errno.NOTEMPTY);
      }
      directory.remove();
      nodes--;
    } else if (node instanceof Regular file) {
      file.unlinked();
      release(file);
    }
    parent.entries().remove(name);
  }

  /** Gives what one name stands for another name; what had that one is removed. */
  public void rename(Place from, Place to) throws FileRefusal {
    FileNode moved = from.present();
    FileNode replaced = to.node();
    if (moved == replaced) {
      return;
    }
    if (moved instanceof Directory directory) {
      if (contains(directory, to.parent())) {
        throw new FileRefusal(Errno.INVAL);
      }
      if (replaced instanceof Regular) {
        throw new FileRefusal(Errno.NOTDIR);
      }
    } else if (replaced instanceof Directory) {
      throw new FileRefusal(Errno.ISDIR);
    } else if (to.directory()) {
      throw new FileRefusal(Errno.NOTDIR);
    }
    if (replaced != null) {
      remove(to.parent(), to.name());
    }
    from.parent().entries().remove(from.name());
    to.parent().entries().put(to.name(), moved);
  }

  private static boolean contains(Directory directory, Directory sought) {
    if (directory == sought) {
      return true;
    }
    for (FileNode node : directory.entries().values()) {
      if (node instanceof Directory inner && contains(inner, sought)) {
        return true;
      }
    }
    return false;
  }

  /** How many bytes of a file can be written from a position on. */
  public int room(Regular file, long position) {
    return (int) Math.max(0, (long) file.size() + capacity - used - position);
  }

  /** Writes bytes for which there is {@link #room}. */
  public void write(Regular file, long position, byte[] bytes) throws FileRefusal {
    if (bytes.length > 0) {
      long end = position + bytes.length;
      if (end > file.size()) {
        resize(file, end);
      }
      file.put((int) position, bytes);
    }
  }

  /**
   * Makes a file longer, with zeros, or shorter.
   *
   * @throws FileRefusal if there is no room
   */
  public void resize(Regular file, long size) throws FileRefusal {
    if (size - file.size() > capacity - used) {
      throw new FileRefusal(Errno.NOSPC);
    }
    used += (int) size - file.size();
    file.resize((int) size, capacity);
  }

  void opened(Regular file) {
    file.opened();
  }

  void closed(Regular file) {
    file.closed();
    release(file);
  }

  private void release(Regular file) {
    if (file.gone()) {
      used -= file.size();
      nodes--;
    }
  }
}
