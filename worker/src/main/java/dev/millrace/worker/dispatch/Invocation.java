package dev.millrace.worker.dispatch;

import dev.millrace.abi.Event;
import dev.millrace.triggers.Recording;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * One attempt at one event.
 *
 * @param event the event
 * @param trigger the trigger that received it
 * @param attempt 1 for the first try
 * @param note learns when the guest waits, and when it goes on
 */
public record Invocation(Event event, String trigger, int attempt, CrashRecord.Note note) {

  /** An attempt of which nothing is noted. */
  public Invocation(Event event, String trigger, int attempt) {
    this(event, trigger, attempt, CrashRecord.Note.NONE);
  }

  /** Names the event to {@link OnceKeys}, the same at each attempt. */
  public String owner() {
    return trigger + '/' + event.receipt();
  }

  /**
   * How an invocation went.
   *
   * @param outcome what came of it
   * @param version the function version that ran, a hex digest; empty if none was reached
   * @param duration from lease to return
   * @param log the tail of what the guest logged, possibly empty
   * @param recording what the attempt depended on, if it failed; empty where no guest ran
   * @param claims the keys that it claimed by {@code once}
   */
  public record Result(
      Outcome outcome,
      String version,
      Duration duration,
      String log,
      Optional<Recording> recording,
      List<OnceKeys.Claim> claims) {

    public Result {
      claims = claims.isEmpty() ? List.of() : List.copyOf(claims);
    }

    /** A result without a recording and without claims. */
    public Result(Outcome outcome, String version, Duration duration, String log) {
      this(outcome, version, duration, log, Optional.empty(), List.of());
    }
  }
}
