package dev.millrace.worker.wasm.files;

import dev.millrace.worker.wasm.files.FileNode.Directory;
import java.util.List;

/**
 * What one descriptor stands for. Confined to the thread that holds the slot.
 *
 * @see Descriptors
 */
public final class OpenFile {

  private final FileNode node;
  private final String guestPath;
  private final Access access;
  private long position;
  private List<FileNode.Entry> listing = List.of();

  private OpenFile(FileNode node, String guestPath, Access access) {
    this.node = node;
    this.guestPath = guestPath;
    this.access = access;
  }

  /** What a descriptor was opened for. */
  public record Access(boolean read, boolean write, boolean append) {}

  /** A directory that is open when an event begins. */
  static OpenFile granted(Directory directory, String guestPath) {
    return new OpenFile(directory, guestPath, new Access(true, false, false));
  }

  /** A file or directory that the guest opens. */
  public static OpenFile of(FileNode node, Access access) {
    Scratch scratch = node.scratch();
    if (scratch != null && node instanceof FileNode.Regular file) {
      scratch.opened(file);
    }
    return new OpenFile(node, "", access);
  }

  /** The file or directory. */
  public FileNode node() {
    return node;
  }

  /** The path under which it was granted; empty if the guest opened it. */
  public String guestPath() {
    return guestPath;
  }

  /** What it was opened for. */
  public Access access() {
    return access;
  }

  /** Where the next byte is read or written. */
  public long position() {
    return position;
  }

  /** Moves to another place, perhaps beyond the end; at least 0. */
  public void position(long next) {
    position = next;
  }

  /**
   * What is in a directory, as it was at the beginning of its list, so that an entry that is
   * removed meanwhile moves no other.
   */
  public List<FileNode.Entry> listing(Directory directory, boolean beginning) {
    if (beginning || listing.isEmpty()) {
      listing = directory.list();
    }
    return listing;
  }

  /** The file or directory is not used by this descriptor any more. */
  void close() {
    Scratch scratch = node.scratch();
    if (scratch != null && node instanceof FileNode.Regular file) {
      scratch.closed(file);
    }
  }
}
