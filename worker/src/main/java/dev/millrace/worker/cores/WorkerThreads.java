package dev.millrace.worker.cores;

import dev.millrace.worker.dispatch.Function;
import dev.millrace.worker.dispatch.Workers;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The threads that run functions' turns: as many platform threads as there are cores, {@code
 * worker-1} and so on, and some in reserve for functions that would otherwise wait for another
 * one's long guests; these end when nobody has needed them for a while. Functions whose guests take
 * long have threads of their own, on which they are patient with others. A function that
 * {@linkplain Function#waits waits} runs on virtual threads instead, as many as the function has
 * invocations at once. What waits when they are closed is never run.
 *
 * <p>Safe for any thread. Invariant, under the lock: each turn that runs by the rota has a thread;
 * every other thread is idle, and those that were so last are used first.
 */
public final class WorkerThreads implements Workers, AutoCloseable {

  /** How long a thread in reserve stays when nobody needs it. */
  private static final Duration LINGER = Duration.ofSeconds(30);

  /** Threads in reserve, at most. */
  private static final int RESERVES = 64;

  private static final Duration END = Duration.ofSeconds(5);

  private final int cores;
  private final Duration linger;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition ended = lock.newCondition();
  private final Rota<Runnable> rota;
  private final ArrayDeque<WorkerThread> idle = new ArrayDeque<>();
  private final ArrayDeque<WorkerThread> idlePatient = new ArrayDeque<>();
  private final Set<WorkerThread> threads = new HashSet<>();
  private final VirtualThreads virtual = new VirtualThreads();
  private final Watch watch = new Watch("worker-watch", this::look);
  private volatile boolean closed;
  private int number;

  private WorkerThreads(int cores, int reserves, Duration linger) {
    this.cores = cores;
    this.linger = linger;
    this.rota = new Rota<>(cores, reserves);
  }

  /** Threads for so many cores. */
  public static WorkerThreads start(int cores) {
    return start(cores, RESERVES, LINGER);
  }

  static WorkerThreads start(int cores, int reserves, Duration linger) {
    WorkerThreads made = new WorkerThreads(cores, reserves, linger);
    made.watch.start();
    return made;
  }

  @Override
  public Turns turns(Function function) {
    Share<Runnable> share = new Share<>();
    return new Turns() {
      @Override
      public void execute(Runnable turn) {
        if (function.waits()) {
          virtual.execute(turn);
        } else {
          run(new Turn<>(share, turn));
        }
      }

      @Override
      public boolean over() {
        return Thread.currentThread() instanceof WorkerThread thread && thread.over();
      }

      @Override
      public boolean alone() {
        return !closed
            && rota.nobodyWaits()
            && Thread.currentThread() instanceof WorkerThread thread
            && thread.patient() == share.slow;
      }

      @Override
      public boolean quick() {
        return !function.waits() && share.quick();
      }
    };
  }

  /** How many platform threads there are now. */
  int count() {
    lock.lock();
    try {
      return threads.size();
    } finally {
      lock.unlock();
    }
  }

  /** Interrupts what still runs and waits for its end, for a few seconds. */
  @Override
  public void close() {
    watch.close();
    virtual.close();
    try {
      long end = System.nanoTime() + END.toNanos();
      if (!endThreads(END.toNanos()) || !virtual.awaitEnd(end - System.nanoTime())) {
        throw new IllegalStateException("worker threads did not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean endThreads(long nanos) throws InterruptedException {
    lock.lock();
    try {
      closed = true;
      threads.forEach(Thread::interrupt);
      long left = nanos;
      while (!threads.isEmpty() && left > 0) {
        left = ended.awaitNanos(left);
      }
      return threads.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  private void run(Turn<Runnable> turn) {
    WorkerThread thread;
    lock.lock();
    try {
      if (closed) {
        return;
      }
      if (!rota.enter(turn, System.nanoTime())) {
        watchIfNeeded();
        return;
      }
      thread = threadFor(turn);
    } finally {
      lock.unlock();
    }
    thread.go();
  }

  /**
   * Turns that would wait for long get a thread.
   *
   * @return whether one still waits
   */
  private boolean look() {
    ArrayDeque<WorkerThread> going = new ArrayDeque<>();
    boolean starves;
    lock.lock();
    try {
      long now = System.nanoTime();
      for (Turn<Runnable> next = rota.next(now); next != null; next = rota.next(now)) {
        going.add(threadFor(next));
      }
      starves = rota.starves();
    } finally {
      lock.unlock();
    }
    going.forEach(WorkerThread::go);
    return starves;
  }

  /** A thread that has the turn as its next one; it has to be told to go. Under the lock. */
  private WorkerThread threadFor(Turn<Runnable> turn) {
    boolean patient = turn.share.slow;
    WorkerThread thread = idle(patient).pollFirst();
    if (thread == null) {
      thread = new WorkerThread(this, "worker-" + ++number, patient);
      threads.add(thread);
    }
    thread.next(turn);
    return thread;
  }

  private ArrayDeque<WorkerThread> idle(boolean patient) {
    return patient ? idlePatient : idle;
  }

  private void watchIfNeeded() {
    if (rota.starves()) {
      watch.ask();
    }
  }

  /**
   * A thread has run a turn.
   *
   * @return the turn that it runs next; {@code null} if there is none, and the thread is idle now
   */
  @Nullable Turn<Runnable> finished(WorkerThread thread, Turn<Runnable> turn) {
    WorkerThread other = null;
    lock.lock();
    try {
      Turn<Runnable> next = rota.leave(turn, System.nanoTime());
      watchIfNeeded();
      if (closed) {
        return null;
      }
      if (next != null && next.share.slow == thread.patient()) {
        return next;
      }
      if (next != null) {
        other = threadFor(next);
      }
      idle(thread.patient()).addFirst(thread);
    } finally {
      lock.unlock();
    }
    if (other != null) {
      other.go();
    }
    return null;
  }

  /** A thread ends by a bug in a turn: another one takes its place. */
  void died(WorkerThread thread, Turn<Runnable> turn) {
    WorkerThread heir = null;
    lock.lock();
    try {
      end(thread);
      Turn<Runnable> next = rota.leave(turn, System.nanoTime());
      if (next != null && !closed) {
        heir = threadFor(next);
      }
    } finally {
      lock.unlock();
    }
    if (heir != null) {
      heir.go();
    }
  }

  /** Whether a turn shall end. On the thread that runs it, after each event. */
  boolean over(Turn<Runnable> turn, long now) {
    return rota.over(turn, now) && !closed;
  }

  /** Whether nothing is run any more. */
  boolean closed() {
    return closed;
  }

  /** How long an idle thread waits before it {@linkplain #mayEnd asks} whether it may end. */
  long lingerNanos() {
    return linger.toNanos();
  }

  /** Whether an idle thread may end, since it is one in reserve, or everything is over. */
  boolean mayEnd(WorkerThread thread) {
    lock.lock();
    try {
      boolean spare = thread.patient() || threads.size() > cores;
      if (closed || (spare && idle(thread.patient()).remove(thread))) {
        end(thread);
        return true;
      }
      return false;
    } finally {
      lock.unlock();
    }
  }

  private void end(WorkerThread thread) {
    threads.remove(thread);
    ended.signalAll();
  }
}
