package dev.millrace.worker.store;

import dev.millrace.triggers.cron.FireLedger.Watch;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells cron triggers what others did to them in the store. One platform thread, {@code
 * store-watch}, looks once a second while there is a cron trigger: for all of them by one query,
 * and on a shared store by one more for what workers that are gone have left open.
 */
final class FireWatch implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(FireWatch.class);
  private static final Duration EVERY = Duration.ofSeconds(1);

  private static final String REVISIONS = "SELECT trigger_name, revision FROM cron_trigger";

  private final Readers readers;
  private final Replica replica;
  private final String orphans;
  private final Map<String, List<Runnable>> watches = new ConcurrentHashMap<>();
  private final CountDownLatch closed = new CountDownLatch(1);

  /** Started with the first watch. Guarded by this. */
  private @Nullable Thread thread;

  /** What was seen last. Confined to the thread. */
  private Map<String, Long> seen = Map.of();

  FireWatch(Readers readers, Replica replica) {
    this.readers = readers;
    this.replica = replica;
    this.orphans =
        "SELECT DISTINCT trigger_name FROM fire WHERE state = 'OPEN' AND " + replica.gone();
  }

  synchronized Watch add(String trigger, Runnable changed) {
    watches.computeIfAbsent(trigger, name -> new CopyOnWriteArrayList<>()).add(changed);
    if (thread == null) {
      thread = Thread.ofPlatform().name("store-watch").daemon().start(this::run);
    }
    return () -> watches.getOrDefault(trigger, List.of()).remove(changed);
  }

  @Override
  public void close() {
    closed.countDown();
  }

  private void run() {
    try {
      while (!closed.await(EVERY.toMillis(), TimeUnit.MILLISECONDS)) {
        look();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** A store that does not answer is the triggers' own trouble; they look when it is back. */
  private void look() {
    try {
      Map<String, Long> now =
          readers.read(connection -> revisions(connection.prepareStatement(REVISIONS)));
      Set<String> changed = new HashSet<>();
      now.forEach(
          (trigger, revision) -> {
            if (!revision.equals(seen.get(trigger))) {
              changed.add(trigger);
            }
          });
      if (replica.shared()) {
        changed.addAll(readers.read(connection -> names(connection.prepareStatement(orphans))));
      }
      changed.forEach(trigger -> watches.getOrDefault(trigger, List.of()).forEach(Runnable::run));
      seen = now;
    } catch (RuntimeException e) {
      log.atDebug().setCause(e).log("the store does not say what changed");
    }
  }

  private static Map<String, Long> revisions(PreparedStatement prepared) throws SQLException {
    try (PreparedStatement statement = prepared;
        ResultSet row = statement.executeQuery()) {
      Map<String, Long> revisions = new HashMap<>();
      while (row.next()) {
        revisions.put(row.getString(1), row.getLong(2));
      }
      return revisions;
    }
  }

  private static Set<String> names(PreparedStatement prepared) throws SQLException {
    try (PreparedStatement statement = prepared;
        ResultSet row = statement.executeQuery()) {
      Set<String> names = new HashSet<>();
      while (row.next()) {
        names.add(row.getString(1));
      }
      return names;
    }
  }
}
