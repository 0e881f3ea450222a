package dev.millrace.worker.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * One worker for one store: an advisory lock on a file beside it, which the operating system drops
 * when the process ends in whatever way. The file names the process that holds it, and stays.
 *
 * <p>On POSIX systems, closing any handle of a file drops every lock that the process has on it.
 * Stores locked by this process are therefore refused before their lock file is touched.
 */
final class StoreLock implements AutoCloseable {

  private static final Set<Path> HELD_HERE = ConcurrentHashMap.newKeySet();

  private final Path file;
  private final FileChannel channel;

  private StoreLock(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * Takes the lock of a store.
   *
   * @throws StoreException if another worker has it
   */
  static StoreLock take(Path store) throws IOException {
    Path file = store.resolveSibling(store.getFileName() + ".lock");
    if (!HELD_HERE.add(file)) {
      throw taken(store, "this process");
    }
    FileChannel channel = null;
    try {
      channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      FileLock lock = channel.tryLock();
      if (lock == null) {
        throw taken(store, holder(file));
      }
      channel.truncate(0);
      String pid = ProcessHandle.current().pid() + "\n";
      channel.write(ByteBuffer.wrap(pid.getBytes(StandardCharsets.UTF_8)), 0);
      return new StoreLock(file, channel);
    } catch (IOException | RuntimeException e) {
      closeQuietly(channel);
      HELD_HERE.remove(file);
      throw e;
    }
  }

  @Override
  public void close() {
    closeQuietly(channel);
    HELD_HERE.remove(file);
  }

  private static StoreException taken(Path store, String holder) {
    return new StoreException(
        "store %s is in use by another worker (%s); stop it, or give this one another state directory"
            .formatted(store, holder));
  }

  private static String holder(Path file) {
    try {
      String pid = Files.readString(file).strip();
      return pid.isEmpty() ? "unknown process" : "process " + pid;
    } catch (IOException e) {
      return "unknown process";
    }
  }

  private static void closeQuietly(@Nullable FileChannel channel) {
    if (channel == null) {
      return;
    }
    try {
      channel.close();
    } catch (IOException e) {
      // The lock goes with the process at the latest.
    }
  }
}
