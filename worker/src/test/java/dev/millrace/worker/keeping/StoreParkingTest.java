package dev.millrace.worker.keeping;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.worker.dispatch.Parking;
import dev.millrace.worker.store.SqliteStore;
import dev.millrace.worker.store.Store;
import dev.millrace.worker.store.StoreOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** As many retries in a real store as a trigger may have there. */
class StoreParkingTest {

  @TempDir Path directory;

  private Store store;

  @BeforeEach
  void open() {
    store = SqliteStore.open(directory.resolve("store.db"), StoreOptions.DEFAULT);
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void refusesWhatIsBeyondItsQuotaUntilThereIsRoom() {
    StoreParking parking = new StoreParking(store.parked(), Duration.ZERO, 2);
    park(parking, "t", "a");
    park(parking, "t", "b");
    assertThrows(CompletionException.class, () -> park(parking, "t", "c"));

    store.parked().remove("t/a").toCompletableFuture().join();
    park(parking, "t", "c");

    assertEquals(Map.of("t", 2L), store.parked().countByTrigger());
  }

  @Test
  void countsEachTriggerForItself() {
    park(new StoreParking(store.parked(), Duration.ZERO, 1), "t", "a");
    park(new StoreParking(store.parked(), Duration.ZERO, 1), "other", "a");

    assertEquals(Map.of("t", 1L, "other", 1L), store.parked().countByTrigger());
  }

  private static void park(StoreParking parking, String trigger, String id) {
    Instant now = Instant.EPOCH;
    DetachedEvent event = DetachedEvent.of(id, "test", "test", now, "x");
    parking
        .park(new Parking.Parked(trigger, "f", event, 1, now, now, List.of()))
        .toCompletableFuture()
        .join();
  }
}
