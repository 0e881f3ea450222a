package dev.millrace.worker.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Events come in all the time at an even rate while faults strike one after another; then all is
 * healed, every event comes to its end, and the checker looks at what was seen.
 *
 * <p>After each fault the run goes on only when the worker was seen to go on by itself.
 */
final class ChaosRun implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ChaosRun.class);

  /** The trigger commits each second; the commit's own way takes time on a loaded machine. */
  private static final long COMMIT_MILLIS = 2_000;

  private static final int KEYS = 100;

  /** A machine that cannot keep up gets no more than it can finish at the end. */
  private static final int MOST_OPEN = 2_000;

  private static final Duration LIMIT = Duration.ofMinutes(3);

  private final String name;
  private final long seed;
  private final int perSecond;
  private final SplittableRandom random;
  private final History history = new History();
  private final ChaosBroker broker;
  private final Observer observer;
  private final Sender sender;
  private final Semaphore stop = new Semaphore(0);
  private final Thread sending = new Thread(this::sendEvenly, "sender");
  private final WorkerNode worker;
  private final WorkerNode second;

  private ChaosRun(String name, long seed, int perSecond, Path directory, ChaosBroker broker)
      throws Exception {
    this.name = name;
    this.seed = seed;
    this.perSecond = perSecond;
    this.random = new SplittableRandom(seed);
    this.broker = broker;
    ChaosTopics topics = ChaosTopics.create(broker.straight());
    topics.writeManifest(directory.resolve("one"), broker.proxied());
    topics.writeManifest(directory.resolve("two"), broker.proxied());
    this.worker = new WorkerNode("one", directory.resolve("one"), history);
    this.second = new WorkerNode("two", directory.resolve("two"), history);
    this.observer = new Observer(broker.straight(), topics, history);
    this.sender =
        new Sender(
            broker.straight(), topics.input(), new Workload(seed, KEYS, true)::event, history);
  }

  /**
   * Starts a broker and a worker, and begins to send.
   *
   * @param name of the history's file
   * @param seed what events, faults and pauses are drawn from; printed
   * @param perSecond how many events a second are sent
   */
  static ChaosRun begin(String name, long seed, int perSecond, Path directory) throws Exception {
    LOG.atInfo().addKeyValue("run", name).addKeyValue("seed", seed).log("chaos");
    ChaosBroker broker = ChaosBroker.start();
    try {
      ChaosRun run = new ChaosRun(name, seed, perSecond, directory, broker);
      run.worker.start();
      run.sending.start();
      run.awaitProgress(System.currentTimeMillis());
      return run;
    } catch (Exception | AssertionError e) {
      broker.close();
      throw e;
    }
  }

  private void sendEvenly() {
    try {
      while (!stop.tryAcquire(100, TimeUnit.MILLISECONDS)) {
        if (history.sent() - history.concluded() < MOST_OPEN) {
          sender.send(perSecond / 10);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  SplittableRandom random() {
    return random;
  }

  /** Lets a fault strike, heals it, and waits until the worker goes on. */
  void strike(Fault fault) throws Exception {
    Thread.sleep(random.nextInt(2_000));
    worker.look();
    LOG.atInfo()
        .addKeyValue("fault", fault)
        .addKeyValue("sent", history.sent())
        .addKeyValue("concluded", history.concluded())
        .log("a fault strikes");
    long from = System.currentTimeMillis();
    switch (fault) {
      case KILL_WORKER -> {
        worker.kill();
        from = System.currentTimeMillis();
        disturbance(fault, from, from);
        worker.start();
      }
      case TERMINATE_WORKER -> {
        worker.terminate();
        worker.start();
      }
      case KILL_BROKER -> {
        broker.kill();
        Thread.sleep(random.nextInt(3_000));
        broker.restart();
      }
      case RESET -> broker.proxy().reset();
      case DELAY -> {
        broker.proxy().delay(Duration.ofMillis(100 + random.nextInt(400)));
        pause();
        broker.proxy().delay(Duration.ZERO);
      }
      case TRICKLE -> {
        broker.proxy().trickle(Duration.ofMillis(1));
        pause();
        broker.proxy().trickle(Duration.ZERO);
      }
      case HALF_OPEN -> {
        broker.proxy().freeze();
        pause();
        broker.proxy().reset();
      }
      case REFUSE -> {
        broker.proxy().refuse(true);
        broker.proxy().reset();
        pause();
        broker.proxy().refuse(false);
      }
      case KILL_WORKER_BEHIND_A_SLOW_LINE -> {
        broker.proxy().delay(Duration.ofMillis(300));
        pause();
        worker.kill();
        worker.start();
      }
      case SECOND_WORKER -> {
        second.start();
        awaitShare();
        if (random.nextBoolean()) {
          second.kill();
        } else {
          second.terminate();
        }
      }
    }
    awaitProgress(System.currentTimeMillis());
    if (fault.lasts()) {
      disturbance(fault, from, System.currentTimeMillis() + COMMIT_MILLIS);
    }
  }

  private void disturbance(Fault fault, long from, long until) {
    history.add(new History.Disturbance(fault.name(), from, until));
  }

  private void pause() throws InterruptedException {
    Thread.sleep(1_000 + random.nextInt(3_000));
  }

  /** Waits until the second worker has taken over events. */
  private void awaitShare() throws Exception {
    long end = System.nanoTime() + LIMIT.toNanos();
    while (second.look().map(History.Account::received).orElse(0L) == 0) {
      failIfOver(end, "the second worker got no events");
      Thread.sleep(200);
    }
    pause();
    second.look();
  }

  private void awaitProgress(long since) throws Exception {
    long end = System.nanoTime() + LIMIT.toNanos();
    while (history.latestConclusion() <= since) {
      failIfOver(end, "the worker did not go on");
      Thread.sleep(50);
    }
  }

  /** Lets every event come to its end, ends the worker, and checks what was seen. */
  void finish() throws Exception {
    stop.release();
    sending.join();
    sender.flush();
    long end = System.nanoTime() + LIMIT.toNanos();
    while (history.concluded() < history.sent()) {
      failIfOver(
          end,
          "%d of %d events did not come to their end"
              .formatted(history.sent() - history.concluded(), history.sent()));
      Thread.sleep(100);
    }
    while (worker.look().map(History.Account::pending).orElse(1L) > 0) {
      failIfOver(end, "events stay pending");
      Thread.sleep(100);
    }
    worker.terminate();
    observer.finish();
    write();
    assertEquals(List.of(), violations());
    LOG.atInfo()
        .addKeyValue("events", history.sent())
        .addKeyValue("effects", history.all(History.Effect.class).size())
        .addKeyValue("letters", history.all(History.Letter.class).size())
        .addKeyValue("disturbances", history.all(History.Disturbance.class).size())
        .log("chaos: every promise was kept");
  }

  private void failIfOver(long end, String what) throws IOException {
    if (!worker.isRunning()) {
      write();
      throw new AssertionError("the worker ended by itself:\n" + worker.logTail());
    }
    if (System.nanoTime() - end > 0) {
      write();
      throw new AssertionError(
          "%s within %s; the checker says %s; the worker's log:\n%s"
              .formatted(what, LIMIT, violations(), worker.logTail()));
    }
  }

  private List<String> violations() {
    return new HistoryChecker(ChaosTopics.IN_FLIGHT, COMMIT_MILLIS).check(history);
  }

  private void write() {
    history.write(Path.of("target", "chaos", name + "-" + seed + ".txt"));
  }

  /** Ends whatever still runs. */
  @Override
  public void close() {
    stop.release();
    sending.interrupt();
    worker.close();
    second.close();
    observer.close();
    sender.close();
    broker.close();
  }
}
