package dev.millrace.worker;

import dev.millrace.abi.Event;
import dev.millrace.triggers.DeadLetter;
import dev.millrace.worker.dispatch.DispatchListener;
import dev.millrace.worker.dispatch.Invocation;
import dev.millrace.worker.dispatch.Outcome;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes what happens to events into the log: held at WARN, dead-lettered at INFO, each attempt at
 * DEBUG.
 */
final class EventLog implements DispatchListener {

  private static final Logger LOG = LoggerFactory.getLogger("dev.millrace.events");

  @Override
  public void attempted(String function, Invocation invocation, Invocation.Result result) {
    if (!LOG.isDebugEnabled()) {
      return;
    }
    LOG.atDebug()
        .addKeyValue("trigger", invocation.trigger())
        .addKeyValue("function", function)
        .addKeyValue("event", invocation.event().id())
        .addKeyValue("attempt", invocation.attempt())
        .addKeyValue(
            "outcome",
            result.outcome() instanceof Outcome.Failed failed ? failed.kind() : "SUCCEEDED")
        .addKeyValue("millis", result.duration().toMillis())
        .log("attempt ended");
  }

  @Override
  public void retryScheduled(
      String trigger, Event event, int failedAttempts, Duration delay, Outcome.Failed failure) {
    LOG.atDebug()
        .addKeyValue("trigger", trigger)
        .addKeyValue("event", event.id())
        .addKeyValue("attempt", failedAttempts)
        .addKeyValue("delay", delay)
        .addKeyValue("reason", failure.error())
        .log("retry scheduled");
  }

  @Override
  public void publishHeld(String trigger, Event event, Throwable cause, Duration nextTry) {
    LOG.atWarn()
        .addKeyValue("trigger", trigger)
        .addKeyValue("event", event.id())
        .addKeyValue("reason", String.valueOf(cause.getMessage()))
        .addKeyValue("nextTry", nextTry)
        .log("what the function published is not confirmed; holding the event");
  }

  @Override
  public void deadLetterHeld(DeadLetter letter, Throwable cause, Duration nextTry) {
    LOG.atWarn()
        .addKeyValue("trigger", letter.trigger())
        .addKeyValue("event", letter.event().id())
        .addKeyValue("reason", String.valueOf(cause.getMessage()))
        .addKeyValue("nextTry", nextTry)
        .log("dead letter not stored; holding the event");
  }

  @Override
  public void storeHeld(String trigger, Event event, Throwable cause, Duration nextTry) {
    LOG.atWarn()
        .addKeyValue("trigger", trigger)
        .addKeyValue("event", event.id())
        .addKeyValue("reason", String.valueOf(cause.getMessage()))
        .addKeyValue("nextTry", nextTry)
        .log("the store does not answer; holding the event");
  }

  @Override
  public void breakerChanged(String function, boolean open, Duration pause) {
    if (open) {
      LOG.atWarn()
          .addKeyValue("function", function)
          .addKeyValue("pause", pause)
          .log("the function fails too often; it is not called, and its triggers take nothing");
    } else {
      LOG.atInfo().addKeyValue("function", function).log("the function is called again");
    }
  }

  @Override
  public void keyParked(String trigger, DeadLetter letter) {
    LOG.atWarn()
        .addKeyValue("trigger", trigger)
        .addKeyValue("event", letter.event().id())
        .addKeyValue("letter", letter.id())
        .log("later events of this key wait until the dead letter is replayed or discarded");
  }

  @Override
  public void deadLettered(DeadLetter letter) {
    LOG.atInfo()
        .addKeyValue("trigger", letter.trigger())
        .addKeyValue("function", letter.function())
        .addKeyValue("event", letter.event().id())
        .addKeyValue("attempts", letter.attemptCount())
        .addKeyValue("failure", letter.failure())
        .addKeyValue("reason", letter.error())
        .log("event dead-lettered");
  }
}
