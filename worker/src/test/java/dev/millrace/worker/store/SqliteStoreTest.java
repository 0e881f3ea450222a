package dev.millrace.worker.store;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** The contract over a SQLite file. */
class SqliteStoreTest extends StoreContract {

  @TempDir Path directory;

  @Override
  Store open(StoreOptions options) {
    return SqliteStore.open(directory.resolve("state/store.db"), options);
  }
}
