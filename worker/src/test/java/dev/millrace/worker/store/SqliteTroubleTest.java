package dev.millrace.worker.store;

import static dev.millrace.worker.store.StoreFixtures.await;
import static dev.millrace.worker.store.StoreFixtures.event;
import static dev.millrace.worker.store.StoreFixtures.failure;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.abi.EventCodec;
import dev.millrace.triggers.FailureKind;
import dev.millrace.triggers.Journal;
import dev.millrace.worker.store.Write.Order;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store whose disk or whose writes are not in order. */
class SqliteTroubleTest {

  /** A statement that changes nothing; what happens, happens when it is bound. */
  private static final String NOTHING = "DELETE FROM journal WHERE sequence = -1";

  private static final String INSERT =
      "INSERT INTO journal (sequence, trigger_name, event) VALUES (?, 't', x'')";

  @TempDir Path directory;

  private JdbcStore store;

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void failsWhileTheDiskIsFullAndGoesOnByItself() {
    open(Duration.ofMillis(2), "max_page_count = 60");
    byte[] data = new byte[10_000];
    List<Long> confirmed = new ArrayList<>();
    StoreException full = appendUntilItFails(data, confirmed);

    assertTrue(full.getMessage().contains("disk is full"), full.getMessage());
    assertTrue(full.getMessage().contains("store.db"), full.getMessage());
    assertEquals(full.getMessage(), store.stats().trouble().orElseThrow());
    assertEquals(confirmed, sequences(), "reading goes on");
    assertFalse(confirmed.isEmpty());

    await(onConnection("PRAGMA max_page_count = 100000"));
    confirmed.add(await(store.journal().append("t", event("after", data))));
    assertTrue(store.stats().trouble().isEmpty());
    close();
    open(Duration.ZERO);
    assertEquals(confirmed, sequences());
  }

  @Test
  void failsEveryWriteOfACommitThatDoesNotFit() {
    open(Duration.ofMillis(500), "max_page_count = 60");
    List<CompletionStage<Long>> group =
        IntStream.range(0, 100)
            .mapToObj(i -> store.journal().append("t", event("e" + i, new byte[10_000])))
            .toList();

    for (CompletionStage<Long> each : group) {
      assertTrue(failure(each).getMessage().contains("disk is full"));
    }
    assertEquals(List.of(), sequences());
    // the last one is counted just after it has been answered
    Awaitility.await().until(() -> store.stats().failedWrites() == 100);
  }

  @Test
  void opensOnAFullDiskAndGivesBackWhatItHas() {
    open(Duration.ofMillis(2), "max_page_count = 60");
    List<Long> confirmed = new ArrayList<>();
    appendUntilItFails(new byte[10_000], confirmed);
    close();

    open(Duration.ofMillis(2), "max_page_count = 1");

    assertEquals(confirmed, sequences());
  }

  @Test
  void failsOnlyTheWriteThatIsWrong() {
    open(Duration.ofMillis(500));
    CompletionStage<Long> first = store.journal().append("t", event("a"));
    CompletionStage<Void> inserted = submit(INSERT, statement -> statement.setLong(1, 1000));
    CompletionStage<Void> twice = submit(INSERT, statement -> statement.setLong(1, 1000));
    CompletionStage<Long> second = store.journal().append("t", event("b"));
    CompletionStage<Void> unbindable =
        submit(
            NOTHING,
            statement -> {
              throw new IllegalStateException("cannot be bound");
            });
    CompletionStage<Long> third = store.journal().append("t", event("c"));

    List<Long> confirmed = List.of(await(first), await(second), await(third), 1000L);
    await(inserted);
    assertTrue(failure(twice).getMessage().contains("UNIQUE"), failure(twice).getMessage());
    assertTrue(failure(unbindable).getMessage().contains("cannot be bound"));
    assertEquals(1, store.stats().commits(), "the six were not one group");
    assertTrue(store.stats().trouble().isEmpty());
    assertEquals(confirmed.stream().sorted().toList(), rawSequences());
  }

  @Test
  void goesOnAfterAnErrorNobodyForesaw() {
    open(Duration.ZERO);
    CompletionStage<Void> failing =
        submit(
            NOTHING,
            statement -> {
              throw new AssertionError("unforeseen");
            });

    assertTrue(failure(failing).getMessage().contains("unforeseen"));
    await(store.journal().append("t", event("after")));
    assertEquals(1, sequences().size());
  }

  @Test
  void opensAnotherConnectionWhenItsOwnIsGone() {
    open(Duration.ZERO);
    await(store.journal().append("t", event("before")));
    CompletionStage<Void> cut = submit(NOTHING, statement -> statement.getConnection().close());

    assertThrows(CompletionException.class, () -> await(cut));
    await(store.journal().append("t", event("after")));
    assertEquals(2, sequences().size());
  }

  @Test
  void tellsWhoKeepsItFromWritingAndGoesOnAfterwards() throws SQLException {
    open(Duration.ZERO);
    SqliteBackend other =
        new SqliteBackend(
            directory.resolve("store.db"), Duration.ofSeconds(5), List.of(), () -> {});
    try (Connection connection = other.openWriter()) {
      connection.setAutoCommit(false);
      StoreException busy = failure(store.journal().append("t", event("e")));
      assertTrue(busy.getMessage().contains("another process is writing"), busy.getMessage());
    }

    await(store.journal().append("t", event("e")));
  }

  @Test
  void readsPastAnEventThatTheDiskDamaged() throws SQLException {
    open(Duration.ZERO);
    for (String id : List.of("a", "b", "c")) {
      await(store.journal().append("t", event(id)));
      await(store.parked().park(StoreFixtures.retry(id, StoreFixtures.NOW)));
      await(store.deadLetters().store(StoreFixtures.letter("t", id, FailureKind.TRAP)));
    }
    await(onConnection("UPDATE journal SET event = x'01ff' WHERE sequence = 2"));
    await(onConnection("UPDATE parked SET event = x'' WHERE id = 'b'"));
    await(onConnection("UPDATE dead_letter SET event = x'02' WHERE id = 't/b'"));

    assertEquals(
        List.of("a", "c"),
        store.journal().read("t", 0, 2).stream().map(each -> each.event().id()).toList());
    assertEquals(
        List.of("a", "c"),
        IntStream.range(0, 3)
            .mapToObj(i -> store.parked().takeDue(StoreFixtures.NOW, 1))
            .flatMap(List::stream)
            .map(ParkedRetries.Parked::id)
            .toList());
    assertTrue(store.parked().nextDue().isEmpty(), "a damaged retry keeps nobody busy");
    assertEquals(3, store.deadLetters().list(DeadLetters.Filter.ALL, 10).size());
    StoreException unreadable =
        assertThrows(StoreException.class, () -> store.deadLetters().find("t/b"));
    assertTrue(unreadable.getMessage().contains("newer"), unreadable.getMessage());
  }

  @Test
  void readsPastOneDamagedEventOfThoseAppendedTogether() {
    open(Duration.ZERO);
    List<DetachedEvent> events =
        Stream.of("a", "b", "c").map(id -> event(id, id.repeat(50).getBytes(UTF_8))).toList();
    await(store.journal().append("t", events));
    byte[] bytes = EventCodec.encodeAll(events);
    bytes[bytes.length / 2] ^= 1;
    await(replaceContent(bytes));
    assertEquals(List.of("a", "c"), ids());

    bytes[0] ^= 0x40;
    await(replaceContent(bytes));
    assertEquals(List.of(), ids(), "it is not known where its events begin");
    await(store.journal().append("t", event("after")));
    assertEquals(List.of("after"), ids());
  }

  private CompletionStage<Void> replaceContent(byte[] bytes) {
    return onConnection(
        "UPDATE journal SET event = x'%s' WHERE events = 3"
            .formatted(HexFormat.of().formatHex(bytes)));
  }

  private List<String> ids() {
    return store.journal().read("t", 0, 10).stream().map(each -> each.event().id()).toList();
  }

  @Test
  void forgetsWhatFinishedWhileNothingCouldBeWritten() throws SQLException {
    open(Duration.ZERO);
    List<DetachedEvent> events = Stream.of("a", "b", "c").map(id -> event(id)).toList();
    long first = await(store.journal().append("t", events));
    SqliteBackend other =
        new SqliteBackend(
            directory.resolve("store.db"), Duration.ofSeconds(5), List.of(), () -> {});
    try (Connection connection = other.openWriter()) {
      connection.setAutoCommit(false);
      assertThrows(CompletionException.class, () -> await(store.journal().remove("t", first + 1)));
    }
    assertEquals(List.of("a", "b", "c"), ids());

    await(store.journal().remove("t", first + 1));
    assertEquals(List.of("a", "c"), ids());
    await(store.journal().remove("t", List.of(first, first + 2)));
    assertEquals(List.of(), rawSequences());
  }

  private void open(Duration linger, String... pragmas) {
    StoreOptions options =
        StoreOptions.DEFAULT.withLinger(linger).withBusyTimeout(Duration.ofMillis(200));
    store =
        SqliteStore.open(
            directory.resolve("store.db"),
            options,
            Clock.systemUTC(),
            SqliteSchema.MIGRATIONS,
            List.of(pragmas));
  }

  private StoreException appendUntilItFails(byte[] data, List<Long> confirmed) {
    for (int i = 0; i < 1000; i++) {
      CompletionStage<Long> stage = store.journal().append("t", event("e" + i, data));
      try {
        confirmed.add(await(stage));
      } catch (CompletionException e) {
        return (StoreException) e.getCause();
      }
    }
    throw new AssertionError("the disk did not get full");
  }

  private CompletionStage<Void> submit(String sql, Write.Binder binder) {
    return store.writer().submit(Write.of(sql, Order.KEPT, 100, binder));
  }

  /** Runs SQL on the writer's own connection. */
  private CompletionStage<Void> onConnection(String sql) {
    return submit(
        NOTHING,
        bound -> {
          try (Statement statement = bound.getConnection().createStatement()) {
            statement.execute(sql);
          }
        });
  }

  private List<Long> sequences() {
    return store.journal().read("t", 0, 10_000).stream().map(Journal.Entry::sequence).toList();
  }

  /** Those of events that are none, too. */
  private List<Long> rawSequences() {
    SqliteBackend backend =
        new SqliteBackend(directory.resolve("store.db"), Duration.ZERO, List.of(), () -> {});
    try (Connection connection = backend.openReader();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT sequence FROM journal ORDER BY sequence")) {
      List<Long> sequences = new ArrayList<>();
      while (row.next()) {
        sequences.add(row.getLong(1));
      }
      return sequences;
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }
}
