package dev.millrace.worker.store;

import static dev.millrace.worker.store.StoreFixtures.await;
import static dev.millrace.worker.store.StoreFixtures.event;
import static dev.millrace.worker.store.StoreFixtures.failure;
import static dev.millrace.worker.store.StoreFixtures.letter;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.triggers.FailureKind;
import dev.millrace.triggers.testing.FaultProxy;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A PostgreSQL store while its server is killed, away, or not what it should be. */
class PostgresTroubleIT {

  private static final StoreOptions IMPATIENT =
      StoreOptions.DEFAULT.withBusyTimeout(Duration.ofMillis(500)).withLease(Duration.ofSeconds(1));

  @Test
  void losesNothingConfirmedWhenTheServerIsKilledAndGoesOnByItself() throws Exception {
    try (PostgresServer server = PostgresServer.killable();
        Store store = PostgresStore.open(server.newDatabase(), IMPATIENT)) {
      Set<Long> confirmed = ConcurrentHashMap.newKeySet();
      AtomicBoolean stop = new AtomicBoolean();
      Semaphore room = new Semaphore(200);
      Thread source =
          Thread.ofPlatform()
              .start(
                  () -> {
                    while (!stop.get()) {
                      room.acquireUninterruptibly();
                      store
                          .journal()
                          .append("t", event("e"))
                          .whenComplete(
                              (sequence, failure) -> {
                                if (failure == null) {
                                  confirmed.add(sequence);
                                }
                                room.release();
                              });
                    }
                  });
      for (int kill = 0; kill < 3; kill++) {
        int before = confirmed.size();
        await().atMost(Duration.ofSeconds(30)).until(() -> confirmed.size() > before + 500);
        server.kill();
        await().atMost(Duration.ofSeconds(30)).until(() -> store.stats().trouble().isPresent());
        server.restart();
      }
      int before = confirmed.size();
      await().atMost(Duration.ofSeconds(60)).until(() -> confirmed.size() > before + 500);
      stop.set(true);
      source.join();
      room.acquireUninterruptibly(200);

      assertFalse(store.stats().trouble().isPresent(), store.stats().toString());
      Set<Long> missing = new HashSet<>(confirmed);
      store
          .journal()
          .read("t", 0, Integer.MAX_VALUE)
          .forEach(entry -> missing.remove(entry.sequence()));
      assertEquals(Set.of(), missing);
      System.out.printf(
          "%d events confirmed over 3 kills of PostgreSQL, none missing%n", confirmed.size());
    }
  }

  @Test
  void saysThatTheServerIsAwayThoughNobodyWritesAndThatItIsBack() {
    try (PostgresServer server = PostgresServer.killable();
        Store store = PostgresStore.open(server.newDatabase(), IMPATIENT)) {
      server.kill();

      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(
              () ->
                  assertTrue(
                      store.stats().trouble().orElse("").contains("does not answer"),
                      store.stats().toString()));
      StoreException refused =
          failure(store.deadLetters().store(letter("t", "1", FailureKind.TRAP)));
      assertTrue(refused.isUnreachable(), refused.getMessage());
      assertThrows(StoreException.class, () -> store.journal().read("t", 0, 1));

      server.restart();

      await().atMost(Duration.ofSeconds(60)).until(() -> store.stats().trouble().isEmpty());
      await(store.deadLetters().store(letter("t", "1", FailureKind.TRAP)));
      assertEquals(1, store.deadLetters().count(DeadLetters.Filter.ALL));
    }
  }

  /** The pool asks its first connection, and only that one, which isolation it has. */
  @Test
  void goesOnWhenTheFirstConnectionDiesWhileThePoolAsksIt() {
    try (PostgresServer server = PostgresServer.killable();
        FaultProxy proxy = FaultProxy.before(server.port())) {
      String database = server.newDatabase().database();
      proxy.resetOn("SHOW TRANSACTION ISOLATION LEVEL");

      try (Store store =
          PostgresStore.open(
              PostgresAddress.parse(
                  "postgresql://postgres@127.0.0.1:" + proxy.port() + "/" + database),
              IMPATIENT)) {
        await().atMost(Duration.ofSeconds(30)).until(proxy::hasTripped);

        await()
            .atMost(Duration.ofSeconds(30))
            .ignoreExceptions()
            .untilAsserted(() -> await(store.journal().append("t", event("e"))));
      }
    }
  }

  @Test
  void saysThatTheServerIsAwayAtTheStart() {
    StoreException away =
        assertThrows(
            StoreException.class,
            () ->
                PostgresStore.open(
                    PostgresAddress.parse("postgresql://u:geheim@127.0.0.1:1/jobs"), IMPATIENT));

    assertTrue(away.isUnreachable(), away.getMessage());
    assertTrue(
        away.getMessage().startsWith("store postgresql://u@127.0.0.1:1/jobs: the database does"),
        away.getMessage());
    assertFalse(away.getMessage().contains("geheim"), away.getMessage());
  }

  @Test
  void saysWhatToDoAboutADatabaseThatIsNotThere() {
    PostgresAddress there = PostgresServer.database();
    PostgresAddress missing =
        PostgresAddress.parse("postgresql://postgres@" + there.servers() + "/no_such_database");

    StoreException refused =
        assertThrows(StoreException.class, () -> PostgresStore.open(missing, IMPATIENT));

    assertFalse(refused.isUnreachable());
    assertTrue(refused.getMessage().contains("create it"), refused.getMessage());
  }

  @Test
  void doesNotLookIntoADatabaseWithoutAStore() {
    PostgresAddress empty = PostgresServer.database();

    StoreException refused =
        assertThrows(StoreException.class, () -> PostgresStore.openShared(empty, IMPATIENT));

    assertTrue(refused.getMessage().contains("a worker makes them"), refused.getMessage());
  }

  @Test
  void migratesOnceWhenReplicasStartTogether() throws Exception {
    PostgresAddress address = PostgresServer.database();
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<Store>> opening = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        opening.add(threads.submit(() -> PostgresStore.open(address, StoreOptions.DEFAULT)));
      }
      for (Future<Store> each : opening) {
        each.get().close();
      }
    }

    assertEquals(
        PostgresSchema.MIGRATIONS.newest(),
        number(address, "SELECT COUNT(*) FROM millrace.schema_version"));
    assertEquals(0, number(address, "SELECT COUNT(*) FROM millrace.replica"));
  }

  @Test
  void leavesAStoreAtItsVersionWhenAStepFails() {
    PostgresAddress address = PostgresServer.database();
    List<Migration> steps = new ArrayList<>(SqliteSchema.STEPS);
    int next = steps.size() + 1;
    steps.add(
        new Migration(
            next, List.of("CREATE TABLE more (a INTEGER NOT NULL) STRICT", "SELECT nonsense")));
    Migrations broken = new Migrations(steps.stream().map(PostgresSchema::translate).toList());

    StoreException failed =
        assertThrows(
            StoreException.class,
            () -> PostgresStore.open(address, IMPATIENT, Clock.systemUTC(), broken));

    assertTrue(failed.getMessage().contains("stays at " + (next - 1)), failed.getMessage());
    PostgresStore.open(address, IMPATIENT).close();
  }

  @Test
  void refusesAStoreOfANewerMillrace() throws SQLException {
    PostgresAddress address = PostgresServer.database();
    PostgresStore.open(address, IMPATIENT).close();
    execute(address, "INSERT INTO millrace.schema_version VALUES (4711, 0)");

    StoreException refused =
        assertThrows(StoreException.class, () -> PostgresStore.open(address, IMPATIENT));

    assertTrue(refused.getMessage().contains("newer Millrace"), refused.getMessage());
  }

  @Test
  void keepsStoresInSchemasApart() {
    PostgresAddress one = PostgresServer.database();
    PostgresAddress other = one.withSchema("other");
    try (Store first = PostgresStore.open(one, IMPATIENT);
        Store second = PostgresStore.open(other, IMPATIENT)) {
      await(first.deadLetters().store(letter("t", "1", FailureKind.TRAP)));

      assertEquals(0, second.deadLetters().count(DeadLetters.Filter.ALL));
    }
  }

  @Test
  void waitsForTheDiskWhateverTheServerSays() throws SQLException {
    PostgresAddress address = PostgresServer.database();
    execute(address, "ALTER DATABASE " + address.database() + " SET synchronous_commit = 'off'");
    PostgresBackend backend = new PostgresBackend(address, Duration.ofSeconds(5));
    try (Connection connection = backend.openWriter();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SHOW synchronous_commit")) {
      row.next();
      assertEquals("on", row.getString(1));
    } finally {
      backend.release();
    }
  }

  @Test
  void hasTheSameColumnsOnBothDatabases(@TempDir Path at) throws SQLException {
    PostgresAddress address = PostgresServer.database();
    PostgresStore.open(address, IMPATIENT).close();
    SqliteStore.open(at.resolve("store.db"), StoreOptions.DEFAULT).close();

    Set<String> postgres = new HashSet<>();
    try (Connection connection = connect(address);
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT table_name || '.' || column_name FROM information_schema.columns"
                    + " WHERE table_schema = 'millrace'")) {
      while (row.next()) {
        postgres.add(row.getString(1));
      }
    }
    Set<String> sqlite = new HashSet<>();
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + at.resolve("store.db"));
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT m.name || '.' || c.name FROM sqlite_schema m, pragma_table_info(m.name) c"
                    + " WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%'")) {
      while (row.next()) {
        sqlite.add(row.getString(1));
      }
    }
    assertEquals(
        sqlite.stream().sorted().collect(Collectors.toList()),
        postgres.stream().sorted().collect(Collectors.toList()));
  }

  private static Connection connect(PostgresAddress address) throws SQLException {
    return DriverManager.getConnection(address.jdbcUrl(), address.driverProperties());
  }

  private static void execute(PostgresAddress address, String sql) throws SQLException {
    try (Connection connection = connect(address);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static int number(PostgresAddress address, String sql) throws SQLException {
    try (Connection connection = connect(address);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getInt(1);
    }
  }
}
