package dev.millrace.worker;

import dev.millrace.abi.Event;
import dev.millrace.triggers.DeadLetter;
import dev.millrace.triggers.Settlement;
import dev.millrace.worker.dispatch.DispatchListener;
import dev.millrace.worker.dispatch.Invocation;
import dev.millrace.worker.dispatch.Outcome;
import java.time.Duration;
import java.util.List;

/** Several listeners as one, told in their order. */
record Listeners(List<DispatchListener> all) implements DispatchListener {

  Listeners {
    all = List.copyOf(all);
  }

  @Override
  public void received(String trigger, Event event) {
    all.forEach(listener -> listener.received(trigger, event));
  }

  @Override
  public void attempted(String function, Invocation invocation, Invocation.Result result) {
    all.forEach(listener -> listener.attempted(function, invocation, result));
  }

  @Override
  public void retryScheduled(
      String trigger, Event event, int failedAttempts, Duration delay, Outcome.Failed failure) {
    all.forEach(
        listener -> listener.retryScheduled(trigger, event, failedAttempts, delay, failure));
  }

  @Override
  public void publishHeld(String trigger, Event event, Throwable cause, Duration nextTry) {
    all.forEach(listener -> listener.publishHeld(trigger, event, cause, nextTry));
  }

  @Override
  public void deadLetterHeld(DeadLetter letter, Throwable cause, Duration nextTry) {
    all.forEach(listener -> listener.deadLetterHeld(letter, cause, nextTry));
  }

  @Override
  public void deadLettered(DeadLetter letter) {
    all.forEach(listener -> listener.deadLettered(letter));
  }

  @Override
  public void settled(String trigger, Event event, Settlement settlement, Duration sinceReceipt) {
    all.forEach(listener -> listener.settled(trigger, event, settlement, sinceReceipt));
  }
}
