package dev.millrace.worker.values;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.worker.store.SqliteStore;
import dev.millrace.worker.store.Store;
import dev.millrace.worker.store.StoreOptions;
import dev.millrace.worker.wasm.host.KeyValues;
import dev.millrace.worker.wasm.host.UnavailableException;
import java.nio.file.Path;
import java.time.InstantSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreKeyValuesTest extends KeyValuesContract {

  @TempDir private Path directory;
  private Store store;
  private KeyValues values;

  @BeforeEach
  void open() {
    store = SqliteStore.open(directory.resolve("store.db"), StoreOptions.DEFAULT);
    values = new StoreKeyValues(store.values(), "app", "carts", InstantSource.system());
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Override
  KeyValues values() {
    return values;
  }

  @Test
  void aClosedStoreIsUnavailable() {
    store.close();

    assertTrue(
        assertThrows(UnavailableException.class, () -> values.get("k"))
            .getMessage()
            .contains("closed"));
    assertThrows(
        UnavailableException.class, () -> values.set("k", new byte[0], KeyValues.FOR_EVER));
  }
}
