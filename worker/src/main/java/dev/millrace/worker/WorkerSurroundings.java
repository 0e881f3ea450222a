package dev.millrace.worker;

import dev.millrace.worker.cores.WorkerThreads;
import dev.millrace.worker.dispatch.CrashRecord;
import dev.millrace.worker.dispatch.DispatchListener;
import dev.millrace.worker.dispatch.OnceKeys;
import dev.millrace.worker.dispatch.Surroundings;
import dev.millrace.worker.dispatch.SystemTimer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;

/** What the dispatcher of a worker needs of the world: threads, a timer, time, chance, watchers. */
public final class WorkerSurroundings implements AutoCloseable {

  /** How many events of one function a thread runs before it looks at other functions. */
  private static final int TURN = 64;

  private final WorkerThreads threads;
  private final SystemTimer timer;
  private final Surroundings surroundings;

  private WorkerSurroundings(
      Clock clock, CrashRecord crashes, OnceKeys onceKeys, DispatchListener listener) {
    this.threads = WorkerThreads.start(Runtime.getRuntime().availableProcessors());
    this.timer = new SystemTimer();
    RandomGenerator random = () -> ThreadLocalRandom.current().nextLong();
    this.surroundings =
        new Surroundings(threads, timer, clock, random, listener, crashes, onceKeys, TURN);
  }

  /**
   * Starts the threads and opens the record of crashes.
   *
   * @param crashFile where it is kept which events run
   * @param listeners watch, beside the log of events
   * @throws IOException if that file cannot be had; nothing is left running then
   */
  public static WorkerSurroundings open(
      Path crashFile, Clock clock, OnceKeys onceKeys, List<DispatchListener> listeners)
      throws IOException {
    CrashRecord crashes = CrashFile.open(crashFile, clock);
    List<DispatchListener> all = new ArrayList<>(listeners);
    all.add(new EventLog());
    return new WorkerSurroundings(clock, crashes, onceKeys, new Listeners(all));
  }

  /** Starts the threads alone: nobody watches, and it is not recorded which events run. */
  public static WorkerSurroundings unwatched() {
    return new WorkerSurroundings(
        Clock.systemUTC(), CrashRecord.NONE, OnceKeys.inMemory(), DispatchListener.NONE);
  }

  /** The same as the dispatcher takes it. */
  public Surroundings surroundings() {
    return surroundings;
  }

  /** Ends the threads; interrupts what still runs on them, and waits for its end for seconds. */
  @Override
  public void close() {
    timer.close();
    threads.close();
  }
}
