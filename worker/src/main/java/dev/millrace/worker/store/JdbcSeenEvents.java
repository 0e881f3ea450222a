package dev.millrace.worker.store;

import dev.millrace.worker.store.Write.Order;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Instant;
import java.util.concurrent.CompletionStage;

/** Seen events as a table. */
final class JdbcSeenEvents implements SeenEvents {

  private static final String SEEN =
      "SELECT 1 FROM seen_event WHERE trigger_name = ? AND identity = ? AND until_at > ?";
  private static final String REMEMBER =
      """
      INSERT INTO seen_event (trigger_name, identity, until_at) VALUES (?, ?, ?)
      ON CONFLICT (trigger_name, identity) DO UPDATE SET until_at = excluded.until_at""";
  private static final String FORGET = "DELETE FROM seen_event WHERE until_at <= ?";

  private final GroupWriter writer;
  private final Readers readers;

  JdbcSeenEvents(GroupWriter writer, Readers readers) {
    this.writer = writer;
    this.readers = readers;
  }

  @Override
  public boolean seen(String trigger, String identity, Instant now) {
    return readers.read(
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(SEEN)) {
            statement.setString(1, trigger);
            statement.setString(2, identity);
            statement.setLong(3, Micros.of(now));
            try (ResultSet row = statement.executeQuery()) {
              return row.next();
            }
          }
        });
  }

  @Override
  public CompletionStage<Void> remember(String trigger, String identity, Instant until) {
    return writer.submit(
        Write.of(
            REMEMBER,
            Order.FREE,
            identity.length() + 150,
            statement -> {
              statement.setString(1, trigger);
              statement.setString(2, identity);
              statement.setLong(3, Micros.of(until));
            }));
  }

  @Override
  public CompletionStage<Integer> forget(Instant now) {
    return writer.submit(
        Write.of(
            FORGET,
            Order.KEPT,
            100,
            statement -> statement.setLong(1, Micros.of(now)),
            changed -> changed));
  }
}
