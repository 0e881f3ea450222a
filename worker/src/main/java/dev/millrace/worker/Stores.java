package dev.millrace.worker;

import dev.millrace.worker.manifest.Manifest;
import dev.millrace.worker.store.PostgresAddress;
import dev.millrace.worker.store.PostgresStore;
import dev.millrace.worker.store.SqliteStore;
import dev.millrace.worker.store.Store;
import dev.millrace.worker.store.StoreException;
import dev.millrace.worker.store.StoreOptions;
import dev.millrace.worker.store.StoreView;
import java.nio.file.Path;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens the store that a manifest or a person names, whichever kind it is. */
public final class Stores {

  private static final Logger LOG = LoggerFactory.getLogger(Stores.class);

  /** How long a worker that starts waits for its database: they are often started together. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final Duration PAUSE = Duration.ofSeconds(1);

  private Stores() {}

  /**
   * Opens a worker's store. Blocks; where a database does not answer, until it does, for 30 s.
   *
   * @throws StoreException if it cannot be opened
   */
  static Store open(Manifest.Store store) {
    return open(store, StoreOptions.DEFAULT, PATIENCE);
  }

  static Store open(Manifest.Store store, StoreOptions options, Duration patience) {
    if (store.database().isEmpty()) {
      return SqliteStore.open(store.path(), options);
    }
    PostgresAddress address = store.database().get();
    long deadline = System.nanoTime() + patience.toNanos();
    boolean told = false;
    while (true) {
      try {
        return PostgresStore.open(address, options);
      } catch (StoreException e) {
        if (!e.isUnreachable() || System.nanoTime() - deadline >= 0 || !pause()) {
          throw e;
        }
        if (!told) {
          LOG.atWarn()
              .addKeyValue("reason", e.getMessage())
              .addKeyValue("limit", patience)
              .log("waiting for the store");
          told = true;
        }
      }
    }
  }

  /** Opens a manifest's store to look into it and for short writes. Blocks. */
  public static StoreView openShared(Manifest.Store store) {
    return store.database().isPresent()
        ? PostgresStore.openShared(store.database().get(), StoreOptions.DEFAULT)
        : SqliteStore.openShared(store.path(), StoreOptions.DEFAULT);
  }

  /**
   * As {@link #openShared(Manifest.Store)}, by a file's path or a database's address.
   *
   * @throws IllegalArgumentException if the address is none
   */
  public static StoreView openShared(String fileOrAddress) {
    return PostgresAddress.isAddress(fileOrAddress)
        ? PostgresStore.openShared(PostgresAddress.parse(fileOrAddress), StoreOptions.DEFAULT)
        : SqliteStore.openShared(Path.of(fileOrAddress), StoreOptions.DEFAULT);
  }

  private static boolean pause() {
    try {
      Thread.sleep(PAUSE);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
