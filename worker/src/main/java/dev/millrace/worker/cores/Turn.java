package dev.millrace.worker.cores;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * One turn of a function, from the moment in which it wants to run to its end: it waits, then it
 * runs.
 *
 * <p>{@code began} is written by the thread that runs it and read by whoever holds the lock of the
 * rota's owner, who may see an older value: then it takes the turn for longer than it is.
 */
final class Turn<T> {

  private static final VarHandle BEGAN;

  static {
    try {
      BEGAN = MethodHandles.lookup().findVarHandle(Turn.class, "began", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  final Share<T> share;
  final T item;

  /** When it began to run. Written under the lock, before it runs. */
  long since;

  /** When the event that it runs began. */
  @SuppressWarnings("unused") // by BEGAN
  private long began;

  Turn(Share<T> share, T item) {
    this.share = share;
    this.item = item;
  }

  /** It begins to run. */
  void begin(long now) {
    since = now;
    BEGAN.setOpaque(this, now);
  }

  /** One event has ended, and the next one begins. On the thread that runs it. */
  void nextEvent(long now) {
    share.took(now - began());
    BEGAN.setOpaque(this, now);
  }

  /** It was held up between two events. On the thread that runs it. */
  void goesOn(long now) {
    BEGAN.setOpaque(this, now);
  }

  /** Whether it keeps its place for long, as far as can be told now. */
  boolean keepsItsPlace(long now) {
    return share.slow || now - began() > Rota.LONG_NANOS;
  }

  private long began() {
    return (long) BEGAN.getOpaque(this);
  }
}
