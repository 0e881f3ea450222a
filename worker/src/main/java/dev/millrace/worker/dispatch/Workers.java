package dev.millrace.worker.dispatch;

import java.util.concurrent.Executor;

/** Runs function calls, and bounds how many run at once over all functions. */
@FunctionalInterface
public interface Workers {

  /** Where the turns of one function run. Asked once for each function; safe for any thread. */
  Turns turns(Function function);

  /** Runs every turn on one executor, in its order. */
  static Workers on(Executor executor) {
    Turns turns =
        new Turns() {
          @Override
          public void execute(Runnable turn) {
            executor.execute(turn);
          }

          @Override
          public boolean over() {
            return false;
          }
        };
    return function -> turns;
  }

  /**
   * Where the turns of one function run. A turn runs one event of the function after the other, as
   * long as there are some and nobody else has to wait for it.
   */
  interface Turns extends Executor {

    /** Runs a turn as soon as it is the function's turn. Does not block. */
    @Override
    void execute(Runnable turn);

    /**
     * Whether the turn that runs on this thread shall end, since another function waits. To be
     * asked after each event: it also tells that the next one begins.
     */
    boolean over();

    /** Whether nobody waits for this thread, so that the turn may last for as long as it likes. */
    default boolean alone() {
      return false;
    }

    /**
     * Whether the function's events have been so short lately that waking a second thread for one
     * costs more than to let the first one run it too.
     */
    default boolean quick() {
      return false;
    }
  }
}
