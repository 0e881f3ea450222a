package dev.millrace.worker.wasm.files;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A file or a directory in memory. What was granted is shared by all slots of a version and never
 * changes once it was read; what is in a {@link Scratch} is confined to its slot, and changed by it
 * only.
 */
public abstract sealed class FileNode {

  private final long inode;
  private final @Nullable Scratch scratch;

  private FileNode(long inode, @Nullable Scratch scratch) {
    this.inode = inode;
    this.scratch = scratch;
  }

  /** A number that no other file or directory of the guest's has. */
  public long inode() {
    return inode;
  }

  /**
   * Where it can be written to.
   *
   * @throws FileRefusal if it is granted for reading only
   */
  public Scratch writable() throws FileRefusal {
    if (scratch == null) {
      throw new FileRefusal(Errno.ROFS);
    }
    return scratch;
  }

  /** Where it is kept; {@code null} if it was granted. */
  @Nullable Scratch scratch() {
    return scratch;
  }

  /** The preview 1 number of its type. */
  public abstract int type();

  /** In bytes; 0 for a directory. */
  public abstract int size();

  /** One entry of a directory's list. */
  public record Entry(String name, FileNode node) {}

  /** A directory: names and what they stand for, in the names' order. */
  public static final class Directory extends FileNode {

    private final NavigableMap<String, FileNode> entries = new TreeMap<>();
    private List<Entry> listing = List.of();
    private boolean removed;

    Directory(long inode, @Nullable Scratch scratch) {
      super(inode, scratch);
    }

    NavigableMap<String, FileNode> entries() {
      return entries;
    }

    /** What a guest finds in it now: itself and the one above it, then its entries. */
    List<Entry> list() {
      if (!listing.isEmpty()) {
        return listing;
      }
      List<Entry> list = new ArrayList<>();
      list.add(new Entry(".", this));
      list.add(new Entry("..", this));
      entries.forEach((name, node) -> list.add(new Entry(name, node)));
      return list;
    }

    /** Nothing will be put into it any more: its list can be shared. */
    Directory sealed() {
      listing = List.copyOf(list());
      return this;
    }

    /** Whether it was removed while somebody had it open: nothing can be put into it any more. */
    boolean removed() {
      return removed;
    }

    void remove() {
      removed = true;
    }

    @Override
    public int type() {
      return 3;
    }

    @Override
    public int size() {
      return 0;
    }
  }

  /** A regular file. Bytes beyond its size are zero. */
  public static final class Regular extends FileNode {

    private byte[] bytes;
    private int size;
    private int descriptors;
    private boolean linked = true;

    Regular(long inode, @Nullable Scratch scratch, byte[] bytes) {
      super(inode, scratch);
      this.bytes = bytes;
      this.size = bytes.length;
    }

    /** Its bytes from 0 to {@link #size}; not copied, and not to be written to. */
    public byte[] bytes() {
      return bytes;
    }

    /** Puts bytes into it, within its size. */
    void put(int position, byte[] source) {
      System.arraycopy(source, 0, bytes, position, source.length);
    }

    /**
     * Makes it longer, with zeros, or shorter.
     *
     * @param most the size that it can never exceed
     */
    void resize(int next, int most) {
      if (next > bytes.length) {
        bytes = Arrays.copyOf(bytes, (int) Math.min(most, Math.max(next, 2L * bytes.length)));
      } else if (next < size) {
        bytes = Arrays.copyOf(bytes, next);
      }
      size = next;
    }

    void opened() {
      descriptors++;
    }

    void closed() {
      descriptors--;
    }

    void unlinked() {
      linked = false;
    }

    /** Whether it has neither a name nor a descriptor any more. */
    boolean gone() {
      return !linked && descriptors == 0;
    }

    @Override
    public int type() {
      return 4;
    }

    @Override
    public int size() {
      return size;
    }
  }
}
