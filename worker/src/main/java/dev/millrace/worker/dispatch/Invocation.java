package dev.millrace.worker.dispatch;

import dev.millrace.abi.Event;
import java.time.Duration;

/**
 * One attempt at one event.
 *
 * @param event the event
 * @param trigger the trigger that received it
 * @param attempt 1 for the first try
 */
public record Invocation(Event event, String trigger, int attempt) {

  /**
   * How an invocation went.
   *
   * @param outcome what came of it
   * @param version the function version that ran, a hex digest; empty if none was reached
   * @param duration from lease to return
   * @param log the tail of what the guest logged, possibly empty
   */
  public record Result(Outcome outcome, String version, Duration duration, String log) {}
}
