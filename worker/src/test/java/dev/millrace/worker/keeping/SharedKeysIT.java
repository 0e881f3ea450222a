package dev.millrace.worker.keeping;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.abi.Message;
import dev.millrace.triggers.FailureKind;
import dev.millrace.triggers.Intake;
import dev.millrace.triggers.Publisher;
import dev.millrace.triggers.Settlement;
import dev.millrace.worker.dispatch.Bounds;
import dev.millrace.worker.dispatch.CrashRecord;
import dev.millrace.worker.dispatch.DispatchListener;
import dev.millrace.worker.dispatch.Dispatcher;
import dev.millrace.worker.dispatch.Function;
import dev.millrace.worker.dispatch.Invocation;
import dev.millrace.worker.dispatch.Keeping;
import dev.millrace.worker.dispatch.OnceKeys;
import dev.millrace.worker.dispatch.Outcome;
import dev.millrace.worker.dispatch.RetryPolicy;
import dev.millrace.worker.dispatch.Surroundings;
import dev.millrace.worker.dispatch.SystemTimer;
import dev.millrace.worker.dispatch.TriggerPolicy;
import dev.millrace.worker.store.PostgresAddress;
import dev.millrace.worker.store.PostgresServer;
import dev.millrace.worker.store.PostgresStore;
import dev.millrace.worker.store.Store;
import dev.millrace.worker.store.StoreCrash;
import dev.millrace.worker.store.StoreOptions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Keys that are parked in a store which two workers share: whoever receives the later events and
 * whoever drains the queue, they run in order. Each worker has its own dispatcher, threads and
 * connections. Not asking the store about each event, or draining without taking the key first,
 * makes this fail.
 */
class SharedKeysIT {

  private static final Duration LIMIT = Duration.ofSeconds(40);
  private static final StoreOptions SHORT_LEASE =
      StoreOptions.DEFAULT.withLease(Duration.ofSeconds(1));

  private final PostgresAddress address = PostgresServer.database();
  private final List<String> ran = new CopyOnWriteArrayList<>();
  private final Set<String> rejected = ConcurrentHashMap.newKeySet();
  private final Map<String, Settlement> settled = new ConcurrentHashMap<>();
  private final List<Replica> replicas = new ArrayList<>();

  @AfterEach
  void close() {
    replicas.forEach(Replica::close);
  }

  @Test
  void keepsTheOrderOfAKeyWhicheverReplicaHasItAndWhicheverDrainsIt() {
    Replica one = new Replica(StoreOptions.DEFAULT);
    Replica other = new Replica(StoreOptions.DEFAULT);
    int keys = 5;
    int events = 40;
    IntStream.range(0, keys).forEach(key -> rejected.add(key + "-0"));

    for (int key = 0; key < keys; key++) {
      one.offer(key, 0);
    }
    await().atMost(LIMIT).until(() -> settled.size() == keys);
    assertTrue(settled.values().stream().allMatch(Settlement.DEAD_LETTERED::equals));
    // The keys move to the other replica, which has never seen them fail.
    for (int event = 1; event < events / 2; event++) {
      for (int key = 0; key < keys; key++) {
        other.offer(key, event);
      }
    }
    await().atMost(LIMIT).until(() -> settled.size() == keys * events / 2);
    assertEquals(keys, ran.size(), "all of these keys wait");

    // Both drain, while one of them goes on receiving.
    IntStream.range(0, keys).forEach(key -> one.discard(key + "-0"));
    one.drain.start();
    other.drain.start();
    for (int event = events / 2; event < events; event++) {
      for (int key = 0; key < keys; key++) {
        other.offer(key, event);
      }
    }
    await().atMost(LIMIT).until(() -> ran.size() >= keys * events && nothingWaits(one));

    for (int key = 0; key < keys; key++) {
      assertEquals(inOrder(key, events), ranOf(key));
    }
  }

  @Test
  void goesOnWithTheQueueOfAReplicaThatDied() throws Exception {
    Replica dying = new Replica(SHORT_LEASE);
    Replica other = new Replica(StoreOptions.DEFAULT);
    rejected.add("0-0");
    dying.offer(0, 0);
    await().atMost(LIMIT).until(() -> settled.size() == 1);
    for (int event = 1; event < 10; event++) {
      dying.offer(0, event);
    }
    await().atMost(LIMIT).until(() -> settled.size() == 10);
    other.discard("0-0");
    dying.stuckAt = "0-3";
    dying.drain.drainFreed();
    assertTrue(dying.stuck.await(20, java.util.concurrent.TimeUnit.SECONDS));
    other.drain.drainFreed();
    other.runsOut();
    assertEquals(inOrder(0, 4), ran, "the one that has taken the key drains it");

    StoreCrash.abandon(dying.store);
    other.drain.start();
    await().atMost(LIMIT).until(() -> nothingWaits(other) && other.dispatcher.idle());

    List<String> all = new ArrayList<>(inOrder(0, 4));
    all.addAll(IntStream.range(3, 10).mapToObj(event -> "0-" + event).toList());
    assertEquals(all, ran, "what was in work runs again, and then the rest");
  }

  private static boolean nothingWaits(Replica replica) {
    return replica.store.keyQueues().list(10).isEmpty();
  }

  private List<String> ranOf(int key) {
    return ran.stream().filter(id -> id.startsWith(key + "-")).toList();
  }

  private static List<String> inOrder(int key, int events) {
    return IntStream.range(0, events).mapToObj(event -> key + "-" + event).toList();
  }

  /** A worker, as far as it matters here. */
  private final class Replica implements Function {
    private final Store store;
    private final Dispatcher dispatcher;
    private final Intake intake;
    private final KeyDrain drain;
    private final ExecutorService threads = Executors.newFixedThreadPool(3);
    private final SystemTimer timer = new SystemTimer();
    private final CountDownLatch stuck = new CountDownLatch(1);
    private final CountDownLatch end = new CountDownLatch(1);
    private volatile String stuckAt = "";

    Replica(StoreOptions options) {
      replicas.add(this);
      store = PostgresStore.open(address, options);
      dispatcher =
          new Dispatcher(
              new Surroundings(
                  threads,
                  timer,
                  InstantSource.system(),
                  new Random(1),
                  DispatchListener.NONE,
                  CrashRecord.NONE,
                  OnceKeys.inMemory(),
                  1),
              Map.of());
      intake =
          dispatcher.intake(
              new TriggerPolicy(
                  "t",
                  this,
                  Bounds.DEFAULT,
                  RetryPolicy.DEFAULT,
                  Optional.empty(),
                  new Silent(),
                  new Keeping(
                      Optional.of(store.deadLetters()),
                      Optional.empty(),
                      Optional.of(new StoreKeys(store.keyQueues(), InstantSource.system())),
                      Optional.empty())));
      drain = new KeyDrain(store.keyQueues(), dispatcher);
    }

    void offer(int key, int event) {
      String id = key + "-" + event;
      assertTrue(
          intake.offer(
              DetachedEvent.of(id, "test", "test", Instant.EPOCH, "x"),
              "key " + key,
              (its, settlement) -> settled.put(id, settlement)));
    }

    void discard(String letter) {
      store.deadLetters().remove(List.of("t/" + letter)).toCompletableFuture().join();
    }

    /** Waits until nothing is with this worker. */
    void runsOut() {
      await().atMost(LIMIT).until(dispatcher::idle);
    }

    @Override
    public String name() {
      return "f";
    }

    @Override
    public int concurrency() {
      return 3;
    }

    @Override
    public Invocation.Result invoke(Invocation invocation) {
      String id = invocation.event().id();
      ran.add(id);
      if (id.equals(stuckAt)) {
        stuck.countDown();
        awaitEnd();
      }
      Outcome outcome =
          rejected.contains(id)
              ? Outcome.Failed.of(FailureKind.REJECTED, "never")
              : new Outcome.Succeeded(null, List.of());
      return new Invocation.Result(outcome, "v", Duration.ZERO, "");
    }

    private void awaitEnd() {
      try {
        end.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    void close() {
      end.countDown();
      drain.close();
      dispatcher.drain();
      dispatcher.release();
      threads.shutdown();
      timer.close();
      store.close();
    }
  }

  private static final class Silent implements Publisher {
    @Override
    public CompletionStage<Void> publish(List<Message> messages) {
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public void close() {}
  }
}
