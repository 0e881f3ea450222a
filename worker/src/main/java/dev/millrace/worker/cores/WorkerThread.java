package dev.millrace.worker.cores;

import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One platform thread for guests. Where the operating system heeds priorities, which the launcher
 * asks it to, it comes after the worker's own threads, which take little time and have to have it
 * soon. A patient one, for guests that take long anyway, comes after the usual ones, too. Its stack
 * is small, so that a guest's endless recursion ends soon.
 *
 * <p>{@code next} is handed over by who has taken the thread out of the idle ones; everything else
 * is the thread's own.
 */
final class WorkerThread extends Thread {

  private static final long STACK_BYTES = 2L << 20;
  private static final int USUAL = NORM_PRIORITY - 1;
  private static final int PATIENT = MIN_PRIORITY;

  private final WorkerThreads home;
  private final boolean patient;
  private volatile @Nullable Turn<Runnable> next;
  private @Nullable Turn<Runnable> turn;
  private boolean started;

  /** When this thread last stood back for others, or had nothing to do. */
  private long stoodBack = System.nanoTime();

  @SuppressWarnings("ThreadPriorityCheck") // it makes others wait less; nothing is wrong without it
  WorkerThread(WorkerThreads home, String name, boolean patient) {
    super(null, null, name, STACK_BYTES);
    this.home = home;
    this.patient = patient;
    setPriority(patient ? PATIENT : USUAL);
  }

  /** Whether it is for guests that take long. */
  boolean patient() {
    return patient;
  }

  /** Gives it its next turn. Under the lock. */
  void next(Turn<Runnable> given) {
    next = given;
  }

  /** Lets it run the turn that it was given. By who gave it. */
  void go() {
    if (!started) {
      started = true;
      start();
    } else {
      LockSupport.unpark(this);
    }
  }

  /** Whether the turn that it runs shall end, or go on elsewhere. On this thread. */
  boolean over() {
    Turn<Runnable> mine = turn;
    if (mine == null) {
      return false;
    }
    long now = System.nanoTime();
    boolean over = home.over(mine, now) || mine.share.slow != patient;
    if (!over && now - stoodBack >= Rota.TURN_NANOS) {
      standBack(mine);
    }
    return over;
  }

  /**
   * Lets the operating system run who waits for this core. By itself it would let this thread go on
   * for some milliseconds, though the worker's own threads are to come before it.
   */
  @SuppressWarnings("ThreadPriorityCheck") // it makes others wait less; nothing is wrong without it
  private void standBack(Turn<Runnable> mine) {
    Thread.yield();
    stoodBack = System.nanoTime();
    mine.goesOn(stoodBack);
  }

  @Override
  public void run() {
    try {
      while (true) {
        Turn<Runnable> given = await();
        if (given == null) {
          return;
        }
        runAll(given);
      }
    } finally {
      Turn<Runnable> failed = turn;
      if (failed != null) {
        home.died(this, failed);
      }
    }
  }

  /** Runs a turn and those that it is given in its place. */
  private void runAll(Turn<Runnable> first) {
    Turn<Runnable> given = first;
    while (given != null) {
      if (!home.closed()) {
        // An interrupt that was meant for an earlier guest is none for this one.
        Thread.interrupted();
      }
      turn = given;
      given.item.run();
      turn = null;
      given = home.finished(this, given);
    }
  }

  /** Waits for a turn; {@code null} if this thread ends. */
  private @Nullable Turn<Runnable> await() {
    long end = System.nanoTime() + home.lingerNanos();
    while (true) {
      Turn<Runnable> given = next;
      if (given != null) {
        next = null;
        stoodBack = System.nanoTime();
        return given;
      }
      long left = end - System.nanoTime();
      if (home.closed() || left <= 0) {
        if (home.mayEnd(this)) {
          return null;
        }
        end = System.nanoTime() + home.lingerNanos();
      } else {
        LockSupport.parkNanos(this, left);
      }
    }
  }
}
