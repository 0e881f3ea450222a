package dev.millrace.worker.wasm.files;

import dev.millrace.worker.wasm.files.FileNode.Directory;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a guest has open: its standard streams, the directories that it was granted, and what it
 * opened itself. Each event begins with the streams and those directories, whatever the one before
 * it closed or left open.
 *
 * <p>Confined to the thread that holds the slot.
 */
public final class Descriptors {

  /** Where a scratch directory is. */
  static final String SCRATCH_PATH = "/tmp";

  /** How many files and directories a guest can have open, beside those it begins with. */
  public static final int MOST = 64;

  private static final int STREAMS = 3;
  private static final int ALL_STREAMS = 0b111;

  private final GuestFiles granted;
  private final @Nullable Scratch scratch;
  private final List<@Nullable OpenFile> files = new ArrayList<>();
  private int streams = ALL_STREAMS;

  /**
   * @param granted what can be read
   * @param scratchBytes how much can be written to a scratch directory; 0 for no such directory
   */
  public Descriptors(GuestFiles granted, int scratchBytes) {
    this.granted = granted;
    this.scratch = scratchBytes == 0 ? null : new Scratch(scratchBytes);
  }

  /**
   * Closes everything, and opens what an event begins with.
   *
   * @param empty whether the scratch directory is to be empty
   */
  public void begin(boolean empty) {
    streams = ALL_STREAMS;
    for (OpenFile file : files) {
      if (file != null) {
        file.close();
      }
    }
    files.clear();
    for (GuestFiles.Root root : granted.roots()) {
      files.add(OpenFile.granted(root.directory(), root.guestPath()));
    }
    if (scratch != null) {
      if (empty) {
        scratch.clear();
      }
      files.add(OpenFile.granted(scratch.root(), SCRATCH_PATH));
    }
  }

  /** Whether it is open, whatever it is. */
  public boolean isOpen(int descriptor) {
    return isStream(descriptor) || find(descriptor) != null;
  }

  /** Whether it is a standard stream that is open. */
  public boolean isStream(int descriptor) {
    return descriptor >= 0 && descriptor < STREAMS && (streams & (1 << descriptor)) != 0;
  }

  /** A file or directory that is open. */
  public OpenFile get(int descriptor) throws FileRefusal {
    return get(descriptor, Errno.BADF);
  }

  /**
   * A file or directory that is open.
   *
   * @param ofStream the error number for a standard stream
   */
  public OpenFile get(int descriptor, int ofStream) throws FileRefusal {
    OpenFile file = find(descriptor);
    if (file == null) {
      throw new FileRefusal(isStream(descriptor) ? ofStream : Errno.BADF);
    }
    return file;
  }

  /** A directory that is open. */
  public Directory directory(int descriptor) throws FileRefusal {
    if (get(descriptor, Errno.NOTDIR).node() instanceof Directory directory) {
      return directory;
    }
    throw new FileRefusal(Errno.NOTDIR);
  }

  /**
   * Asks for a descriptor for another file.
   *
   * @throws FileRefusal if there is none
   */
  public void reserve() throws FileRefusal {
    if (free() >= MOST + granted.roots().size() + (scratch == null ? 0 : 1)) {
      throw new FileRefusal(Errno.MFILE);
    }
  }

  /** Gives a file the lowest descriptor that is free; there must be one. */
  public int open(OpenFile file) {
    int index = free();
    if (index == files.size()) {
      files.add(file);
    } else {
      files.set(index, file);
    }
    return index + STREAMS;
  }

  /**
   * Closes a stream, a file or a directory.
   *
   * @throws FileRefusal if it is not open
   */
  public void close(int descriptor) throws FileRefusal {
    if (isStream(descriptor)) {
      streams &= ~(1 << descriptor);
    } else {
      get(descriptor).close();
      files.set(descriptor - STREAMS, null);
    }
  }

  private @Nullable OpenFile find(int descriptor) {
    int index = descriptor - STREAMS;
    return descriptor >= STREAMS && index < files.size() ? files.get(index) : null;
  }

  private int free() {
    int index = files.indexOf(null);
    return index < 0 ? files.size() : index;
  }
}
