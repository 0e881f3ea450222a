package dev.millrace.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.worker.manifest.Manifest;
import dev.millrace.worker.manifest.Manifest.Store.Durability;
import dev.millrace.worker.store.DeadLetters;
import dev.millrace.worker.store.PostgresAddress;
import dev.millrace.worker.store.PostgresServer;
import dev.millrace.worker.store.Store;
import dev.millrace.worker.store.StoreException;
import dev.millrace.worker.store.StoreOptions;
import dev.millrace.worker.store.StoreView;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store by what the manifest or the command line says of it. */
class StoresIT {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir private Path directory;

  private Manifest.Store at(PostgresAddress address) {
    return new Manifest.Store(
        directory.resolve("store.db"), Durability.DECLARED, Optional.of(address));
  }

  @Test
  void opensTheDatabaseOfAManifestAndOfAPerson() {
    PostgresAddress address = PostgresServer.database();
    String url = "postgresql://postgres@" + address.servers() + "/" + address.database();
    Manifest.Store manifest = at(address);

    try (Store store = Stores.open(manifest);
        StoreView named = Stores.openShared(manifest);
        StoreView given = Stores.openShared(url)) {
      assertTrue(store.stats().trouble().isEmpty());
      assertEquals(0, named.deadLetters().count(DeadLetters.Filter.ALL));
      assertEquals(0, given.deadLetters().count(DeadLetters.Filter.ALL));
    }
    assertThrows(IllegalArgumentException.class, () -> Stores.openShared("postgresql://nowhere"));
  }

  @Test
  void waitsForADatabaseThatIsStartedLater() throws Exception {
    try (PostgresServer server = PostgresServer.killable()) {
      PostgresAddress address = server.newDatabase();
      server.kill();
      Thread later =
          Thread.ofPlatform()
              .start(
                  () -> {
                    sleep(Duration.ofSeconds(2));
                    server.restart();
                  });

      Stores.open(at(address), StoreOptions.DEFAULT, PATIENCE).close();

      later.join();
    }
  }

  @Test
  void givesUpOnADatabaseThatStaysAway() {
    PostgresAddress nowhere = PostgresAddress.parse("postgresql://u@127.0.0.1:1/jobs");

    StoreException away =
        assertThrows(
            StoreException.class,
            () -> Stores.open(at(nowhere), StoreOptions.DEFAULT, Duration.ofMillis(1)));

    assertTrue(away.isUnreachable(), away.getMessage());
  }

  private static void sleep(Duration duration) {
    try {
      Thread.sleep(duration);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
