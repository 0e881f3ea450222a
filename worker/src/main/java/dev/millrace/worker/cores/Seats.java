package dev.millrace.worker.cores;

import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The seats for guests on virtual threads, as many as there are cores, and a few in reserve: who
 * computes has one, who waits for others has none. So a thousand guests may wait at once, and those
 * which compute never take all the threads that carry the virtual ones.
 *
 * <p>Safe for any thread.
 */
public final class Seats implements AutoCloseable {

  private final ReentrantLock lock = new ReentrantLock();
  private final Rota<Seat> rota;
  private final Watch watch = new Watch("seat-watch", this::look);

  private Seats(int cores, int reserves) {
    this.rota = new Rota<>(cores, reserves);
  }

  /**
   * Seats for so many cores.
   *
   * @param reserves how many functions more may compute while others keep their seats
   */
  public static Seats open(int cores, int reserves) {
    Seats made = new Seats(cores, reserves);
    made.watch.start();
    return made;
  }

  /**
   * Seats for this machine: one of the threads that carry virtual ones is never a guest's, as far
   * as there are so many.
   */
  public static Seats ofThisMachine() {
    int cores = Runtime.getRuntime().availableProcessors();
    int carriers = Integer.getInteger("jdk.virtualThreadScheduler.parallelism", cores);
    return open(cores, Math.max(0, carriers - cores - 1));
  }

  /** One function's part in the seats. */
  public Row row() {
    return new Row(this, new Share<>());
  }

  /** How many seats are taken. */
  int taken() {
    lock.lock();
    try {
      return rota.running();
    } finally {
      lock.unlock();
    }
  }

  /** How many wait for one, of one function. */
  int waiting(Row row) {
    lock.lock();
    try {
      return row.share().waiting.size();
    } finally {
      lock.unlock();
    }
  }

  /** Asks for a seat: answers whether it is taken. If not, it is waited for. */
  boolean enter(Turn<Seat> turn) {
    lock.lock();
    try {
      boolean taken = rota.enter(turn, System.nanoTime());
      watchIfNeeded();
      return taken;
    } finally {
      lock.unlock();
    }
  }

  /** Waits for a seat no more; false if it has been given meanwhile. */
  boolean withdraw(Turn<Seat> turn) {
    lock.lock();
    try {
      return rota.withdraw(turn);
    } finally {
      lock.unlock();
    }
  }

  /** Gives a seat back. */
  void leave(Turn<Seat> turn) {
    @Nullable Turn<Seat> next;
    lock.lock();
    try {
      long now = System.nanoTime();
      turn.nextEvent(now);
      next = rota.leave(turn, now);
      watchIfNeeded();
    } finally {
      lock.unlock();
    }
    if (next != null) {
      next.item.give();
    }
  }

  /** Ends its thread. Idempotent. */
  @Override
  public void close() {
    watch.close();
  }

  private void watchIfNeeded() {
    if (rota.starves()) {
      watch.ask();
    }
  }

  /**
   * Who would wait for long gets a seat.
   *
   * @return whether one still waits
   */
  private boolean look() {
    lock.lock();
    try {
      long now = System.nanoTime();
      for (Turn<Seat> next = rota.next(now); next != null; next = rota.next(now)) {
        next.item.give();
      }
      return rota.starves();
    } finally {
      lock.unlock();
    }
  }

  /** One function's part in the seats. Safe for any thread. */
  public static final class Row {

    private final Seats home;
    private final Share<Seat> share;

    private Row(Seats home, Share<Seat> share) {
      this.home = home;
      this.share = share;
    }

    /** A seat for the calling thread, which has yet to {@linkplain Seat#take take} it. */
    public Seat seat() {
      return new Seat(home, share);
    }

    Share<Seat> share() {
      return share;
    }
  }
}
