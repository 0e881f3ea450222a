package dev.millrace.worker.store;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that writes. It takes what is queued, runs it in one transaction, and answers when
 * that is committed.
 *
 * <p>When the transaction fails for a reason that concerns the whole store, everything in it fails
 * with that reason. When another worker's transaction got in the way, it is run again. When it
 * fails for one write's fault, it is run again with a savepoint around each write, so that only the
 * guilty one fails.
 */
final class GroupWriter implements AutoCloseable {

  /** What is written beside the queued writes, in the same transaction. */
  @FunctionalInterface
  interface BeforeCommit {
    void run(Session session) throws SQLException;
  }

  private static final Logger log = LoggerFactory.getLogger(GroupWriter.class);

  /** What attempts may take of the queue: the rest is for writes that somebody waits for. */
  private static final double OPTIONAL_SHARE = 0.5;

  /** How often a transaction is run again that another one of the same rows got in the way of. */
  private static final int MOST_YIELDS = 5;

  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(30);

  private final Backend backend;
  private final WriteQueue queue;
  private final Session session;

  /** Set before the thread starts. */
  private List<BeforeCommit> beforeCommit = List.of();

  private final Thread thread;

  private final LongAdder commits = new LongAdder();
  private final LongAdder committedWrites = new LongAdder();
  private final LongAdder failedWrites = new LongAdder();

  /** Written by the writer's thread alone. */
  private volatile @Nullable String trouble;

  GroupWriter(Backend backend, WriteQueue queue) {
    this.backend = backend;
    this.queue = queue;
    this.session = new Session(backend);
    this.thread = Thread.ofPlatform().name("store-writer").unstarted(this::run);
  }

  /** Starts the thread; {@code beforeEachCommit} runs at the end of each transaction. */
  void start(List<BeforeCommit> beforeEachCommit) {
    beforeCommit = List.copyOf(beforeEachCommit);
    thread.start();
  }

  /** Queues a write that somebody waits for. Does not block. */
  <T> CompletionStage<T> submit(Write<T> write) {
    offer(write, 1);
    return write.stage();
  }

  /** Queues a write that may as well be dropped; it is when the queue is half full. */
  <T> CompletionStage<T> submitOptional(Write<T> write) {
    offer(write, OPTIONAL_SHARE);
    return write.stage();
  }

  /**
   * Waits for a write. Blocks; not for the writer's own thread.
   *
   * @throws StoreException if the write failed
   */
  static <T> T await(CompletionStage<T> write) {
    try {
      return write.toCompletableFuture().join();
    } catch (CompletionException e) {
      throw new StoreException(
          e.getCause() == null ? String.valueOf(e.getMessage()) : e.getCause().getMessage(), e);
    }
  }

  long commits() {
    return commits.sum();
  }

  long committedWrites() {
    return committedWrites.sum();
  }

  long failedWrites() {
    return failedWrites.sum();
  }

  Optional<String> trouble() {
    return Optional.ofNullable(trouble);
  }

  /** Commits what is queued and ends the thread. Blocks until then, 30 s at most. */
  @Override
  public void close() {
    queue.close();
    try {
      if (!thread.join(CLOSE_LIMIT)) {
        log.atError()
            .addKeyValue("queued", queue.size())
            .log("the store's disk does not answer; ending without the last writes");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void offer(Write<?> write, double share) {
    switch (queue.offer(write, share)) {
      case ACCEPTED -> {}
      case FULL ->
          fail(
              List.of(write),
              new StoreException(
                  "the store's queue is full (%d writes, %d bytes wait): its disk does not keep up;"
                          .formatted(queue.size(), queue.bytes())
                      + " slow the source down or move the store to a faster disk"));
      case CLOSED -> fail(List.of(write), new StoreException("the store is closed"));
    }
  }

  private void run() {
    for (List<Write<?>> group = queue.take(); !group.isEmpty(); group = queue.take()) {
      try {
        write(group);
      } catch (Throwable e) { // The outermost loop: whatever it was, the next group may succeed.
        log.atError().setCause(e).log("the store failed to write in an unforeseen way; going on");
        session.rollback();
        fail(group, new StoreException("the store failed: " + e, e));
      }
    }
    session.close();
  }

  private void write(List<Write<?>> group) {
    write(group, MOST_YIELDS);
  }

  private void write(List<Write<?>> group, int yields) {
    int[] changed = new int[group.size()];
    try {
      inTransaction(() -> executeTogether(group, changed));
    } catch (SQLException | RuntimeException e) {
      session.rollback();
      if (yields > 0 && e instanceof SQLException failure && backend.passes(failure)) {
        write(group, yields - 1);
      } else if (e instanceof SQLException failure && backend.concernsStore(failure)) {
        failForTrouble(group, failure);
      } else {
        writeOneByOne(group);
      }
      return;
    }
    confirm(group, changed);
  }

  /** Runs a group again, so that what is wrong with one write is only that write's failure. */
  private void writeOneByOne(List<Write<?>> group) {
    List<Write<?>> sound = new ArrayList<>(group.size());
    List<Integer> changed = new ArrayList<>(group.size());
    try {
      inTransaction(() -> executeApart(group, sound, changed));
    } catch (SQLException e) {
      session.rollback();
      failForTrouble(group, e);
      return;
    }
    confirm(sound, changed.stream().mapToInt(Integer::intValue).toArray());
  }

  /** Something to do within a transaction. */
  @FunctionalInterface
  private interface Work {
    void run() throws SQLException;
  }

  private void inTransaction(Work work) throws SQLException {
    session.begin();
    work.run();
    for (BeforeCommit each : beforeCommit) {
      each.run(session);
    }
    session.commit();
    commits.increment();
  }

  private void executeTogether(List<Write<?>> group, int[] changed) throws SQLException {
    for (List<Integer> run : runs(group)) {
      PreparedStatement statement = session.statement(group.get(run.getFirst()).sql());
      if (!group.get(run.getFirst()).batched()) {
        for (int index : run) {
          changed[index] = group.get(index).execute(statement);
        }
        continue;
      }
      for (int index : run) {
        Write<?> write = group.get(index);
        for (int i = 0; i < write.executions(); i++) {
          write.bind(statement, i);
          statement.addBatch();
        }
      }
      int[] counts = statement.executeBatch();
      int next = 0;
      for (int index : run) {
        for (int i = group.get(index).executions(); i > 0; i--) {
          changed[index] += counts[next++];
        }
      }
    }
  }

  private void executeApart(List<Write<?>> group, List<Write<?>> sound, List<Integer> changed)
      throws SQLException {
    for (Write<?> write : group) {
      Savepoint savepoint = session.savepoint();
      try {
        PreparedStatement statement = session.statement(write.sql());
        changed.add(write.execute(statement));
        sound.add(write);
        session.release(savepoint);
      } catch (SQLException | RuntimeException e) {
        if (e instanceof SQLException failure && backend.concernsStore(failure)) {
          throw failure;
        }
        session.rollback(savepoint);
        fail(
            List.of(write),
            e instanceof SQLException failure
                ? backend.explain(failure)
                : new StoreException("not stored: " + e.getMessage(), e));
      }
    }
  }

  /**
   * Positions in the group that run as one batch each: neighbours with the same statement, and free
   * writes with the same statement wherever they stand.
   */
  static List<List<Integer>> runs(List<Write<?>> group) {
    List<List<Integer>> runs = new ArrayList<>();
    Map<String, List<Integer>> free = new HashMap<>();
    List<Integer> latest = List.of();
    String latestSql = "";
    for (int i = 0; i < group.size(); i++) {
      Write<?> write = group.get(i);
      List<Integer> run = write.order() == Write.Order.FREE ? free.get(write.sql()) : latest;
      if (run == null || (write.order() == Write.Order.KEPT && !write.sql().equals(latestSql))) {
        run = new ArrayList<>();
        runs.add(run);
      }
      run.add(i);
      if (write.order() == Write.Order.FREE) {
        free.put(write.sql(), run);
      } else {
        latest = run;
        latestSql = write.sql();
      }
    }
    return runs;
  }

  private void confirm(List<Write<?>> writes, int[] changed) {
    setTrouble(null);
    committedWrites.add(writes.size());
    for (int i = 0; i < changed.length; i++) {
      writes.get(i).committed(changed[i]);
    }
  }

  private void failForTrouble(List<Write<?>> writes, SQLException cause) {
    StoreException explained = backend.explain(cause);
    setTrouble(explained.getMessage());
    fail(writes, explained);
  }

  private void fail(List<Write<?>> writes, Throwable cause) {
    for (Write<?> write : writes) {
      if (write.failed(cause)) {
        failedWrites.increment();
      }
    }
  }

  private void setTrouble(@Nullable String now) {
    String before = trouble;
    trouble = now;
    if (now != null && before == null) {
      log.atWarn().addKeyValue("reason", now).log("the store cannot write; what it is given fails");
    } else if (now == null && before != null) {
      log.atInfo().log("the store writes again");
    }
  }
}
