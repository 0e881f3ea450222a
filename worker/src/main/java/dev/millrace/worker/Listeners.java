package dev.millrace.worker;

import dev.millrace.abi.Event;
import dev.millrace.triggers.DeadLetter;
import dev.millrace.triggers.Settlement;
import dev.millrace.worker.dispatch.DispatchListener;
import dev.millrace.worker.dispatch.Invocation;
import dev.millrace.worker.dispatch.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Several listeners as one, told in their order. One that throws is a bug, and harms neither the
 * others nor an event.
 */
final class Listeners implements DispatchListener {

  private static final Logger LOG = LoggerFactory.getLogger(Listeners.class);

  /** An array, and no lambdas where each event passes: this is the hot path. */
  private final DispatchListener[] each;

  Listeners(List<DispatchListener> all) {
    each = all.toArray(DispatchListener[]::new);
  }

  private void tell(Consumer<DispatchListener> what) {
    for (DispatchListener listener : each) {
      try {
        what.accept(listener);
      } catch (RuntimeException bug) {
        report(bug);
      }
    }
  }

  private static void report(RuntimeException bug) {
    LOG.atError().setCause(bug).log("a listener threw; this is a bug of Millrace");
  }

  @Override
  public void received(String trigger, Event event) {
    for (DispatchListener listener : each) {
      try {
        listener.received(trigger, event);
      } catch (RuntimeException bug) {
        report(bug);
      }
    }
  }

  @Override
  public void attempted(String function, Invocation invocation, Invocation.Result result) {
    for (DispatchListener listener : each) {
      try {
        listener.attempted(function, invocation, result);
      } catch (RuntimeException bug) {
        report(bug);
      }
    }
  }

  @Override
  public void retryScheduled(
      String trigger, Event event, int failedAttempts, Duration delay, Outcome.Failed failure) {
    tell(listener -> listener.retryScheduled(trigger, event, failedAttempts, delay, failure));
  }

  @Override
  public void publishHeld(String trigger, Event event, Throwable cause, Duration nextTry) {
    tell(listener -> listener.publishHeld(trigger, event, cause, nextTry));
  }

  @Override
  public void deadLetterHeld(DeadLetter letter, Throwable cause, Duration nextTry) {
    tell(listener -> listener.deadLetterHeld(letter, cause, nextTry));
  }

  @Override
  public void storeHeld(String trigger, Event event, Throwable cause, Duration nextTry) {
    tell(listener -> listener.storeHeld(trigger, event, cause, nextTry));
  }

  @Override
  public void breakerChanged(String function, boolean open, Duration pause) {
    tell(listener -> listener.breakerChanged(function, open, pause));
  }

  @Override
  public void keyParked(String trigger, DeadLetter letter) {
    tell(listener -> listener.keyParked(trigger, letter));
  }

  @Override
  public void deadLettered(DeadLetter letter) {
    tell(listener -> listener.deadLettered(letter));
  }

  @Override
  public void settled(String trigger, Event event, Settlement settlement, Duration sinceReceipt) {
    for (DispatchListener listener : each) {
      try {
        listener.settled(trigger, event, settlement, sinceReceipt);
      } catch (RuntimeException bug) {
        report(bug);
      }
    }
  }
}
