package dev.millrace.worker.cores;

import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One thread's seat among the {@link Seats}: taken while its guest computes, left while it waits
 * for others. For the thread that asked for it, but for {@link #give}.
 */
public final class Seat {

  /** Waits for a seat without an end of its own. */
  public static final long FOR_EVER = Long.MAX_VALUE;

  /** For a thread that needs no seat: taking and leaving it does nothing. */
  public static final Seat NONE = new Seat(null, new Share<>());

  private final @Nullable Seats home;
  private final Share<Seat> share;
  private final Thread thread = Thread.currentThread();

  /** The turn for which it is taken; {@code null} while it is not. */
  private @Nullable Turn<Seat> turn;

  /** Whether the seat that it waits for was given to it. */
  private volatile boolean given;

  Seat(@Nullable Seats home, Share<Seat> share) {
    this.home = home;
    this.share = share;
  }

  /**
   * Takes the seat. Blocks until there is one, for {@code nanos} at most.
   *
   * @return whether it was taken
   * @throws InterruptedException if the thread is interrupted while it waits; it is not taken then
   */
  public boolean take(long nanos) throws InterruptedException {
    if (home == null) {
      return true;
    }
    given = false;
    Turn<Seat> mine = new Turn<>(share, this);
    if (!home.enter(mine) && !await(home, mine, nanos)) {
      return false;
    }
    turn = mine;
    return true;
  }

  /** Leaves the seat, if it is taken. Does not block. */
  public void leave() {
    Turn<Seat> mine = turn;
    if (mine != null && home != null) {
      turn = null;
      home.leave(mine);
    }
  }

  /** The thread may go on. By who holds the lock of the seats, or has just let it go. */
  void give() {
    given = true;
    LockSupport.unpark(thread);
  }

  private boolean await(Seats seats, Turn<Seat> mine, long nanos) throws InterruptedException {
    long end = nanos == FOR_EVER ? 0 : System.nanoTime() + nanos;
    while (!given) {
      if (Thread.interrupted()) {
        if (!seats.withdraw(mine)) {
          seats.leave(mine);
        }
        throw new InterruptedException("interrupted while it waited for a core");
      }
      if (nanos == FOR_EVER) {
        LockSupport.park(this);
        continue;
      }
      long left = end - System.nanoTime();
      if (left > 0) {
        LockSupport.parkNanos(this, left);
      } else if (seats.withdraw(mine)) {
        return false;
      }
    }
    return true;
  }
}
