package dev.millrace.worker.store;

import dev.millrace.worker.store.Write.Order;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Instant;
import java.util.concurrent.CompletionStage;

/** Claimed keys as a table: a claim is the insert that succeeds. */
final class JdbcClaimedKeys implements ClaimedKeys {

  private static final String CLAIM =
      """
      INSERT INTO once_key (function_name, claimed_key, owner, done, until_at)
      VALUES (?, ?, ?, 0, ?)
      ON CONFLICT (function_name, claimed_key) DO UPDATE SET
        owner = excluded.owner, done = 0, until_at = excluded.until_at
      WHERE once_key.until_at <= ? OR (once_key.owner = excluded.owner AND once_key.done = 0)""";
  private static final String DONE =
      "SELECT done FROM once_key WHERE function_name = ? AND claimed_key = ?";
  private static final String FINISH =
      """
      INSERT INTO once_key (function_name, claimed_key, owner, done, until_at)
      VALUES (?, ?, ?, 1, ?)
      ON CONFLICT (function_name, claimed_key) DO UPDATE SET
        owner = excluded.owner, done = 1, until_at = excluded.until_at""";
  private static final String GIVE_UP =
      "DELETE FROM once_key WHERE function_name = ? AND claimed_key = ? AND owner = ? AND done = 0";
  private static final String FORGET = "DELETE FROM once_key WHERE until_at <= ?";

  private final GroupWriter writer;
  private final Readers readers;

  JdbcClaimedKeys(GroupWriter writer, Readers readers) {
    this.writer = writer;
    this.readers = readers;
  }

  @Override
  public CompletionStage<Boolean> claim(
      String function, String key, String owner, Instant now, Instant until) {
    return writer.submit(
        Write.of(
            CLAIM,
            Order.KEPT,
            key.length() + owner.length() + 200,
            statement -> {
              statement.setString(1, function);
              statement.setString(2, key);
              statement.setString(3, owner);
              statement.setLong(4, Micros.of(until));
              statement.setLong(5, Micros.of(now));
            },
            changed -> changed > 0));
  }

  @Override
  public boolean isDone(String function, String key) {
    return readers.read(
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(DONE)) {
            statement.setString(1, function);
            statement.setString(2, key);
            try (ResultSet row = statement.executeQuery()) {
              return row.next() && row.getInt(1) == 1;
            }
          }
        });
  }

  @Override
  public CompletionStage<Void> finish(String function, String key, String owner, Instant until) {
    return writer.submit(
        Write.of(
            FINISH,
            Order.KEPT,
            key.length() + owner.length() + 200,
            statement -> {
              statement.setString(1, function);
              statement.setString(2, key);
              statement.setString(3, owner);
              statement.setLong(4, Micros.of(until));
            }));
  }

  @Override
  public CompletionStage<Void> giveUp(String function, String key, String owner) {
    return writer.submit(
        Write.of(
            GIVE_UP,
            Order.KEPT,
            key.length() + owner.length() + 200,
            statement -> {
              statement.setString(1, function);
              statement.setString(2, key);
              statement.setString(3, owner);
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
