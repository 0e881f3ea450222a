package dev.millrace.worker.wasm.wasi;

import dev.millrace.worker.wasm.wasi.FileNode.Directory;
import java.util.List;

/**
 * What one descriptor stands for. Confined to the thread that holds the slot.
 *
 * @see Descriptors
 */
final class OpenFile {

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
  record Access(boolean read, boolean write, boolean append) {}

  /** A directory that is open when an event begins. */
  static OpenFile granted(Directory directory, String guestPath) {
    return new OpenFile(directory, guestPath, new Access(true, false, false));
  }

  static OpenFile of(FileNode node, Access access) {
    Scratch scratch = node.scratch();
    if (scratch != null && node instanceof FileNode.Regular file) {
      scratch.opened(file);
    }
    return new OpenFile(node, "", access);
  }

  FileNode node() {
    return node;
  }

  /** The path under which it was granted; empty if the guest opened it. */
  String guestPath() {
    return guestPath;
  }

  Access access() {
    return access;
  }

  /** Where the next byte is read or written. */
  long position() {
    return position;
  }

  void position(long next) {
    position = next;
  }

  /**
   * What is in a directory, as it was at the beginning of its list, so that an entry that is
   * removed meanwhile moves no other.
   */
  List<FileNode.Entry> listing(Directory directory, boolean beginning) {
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
