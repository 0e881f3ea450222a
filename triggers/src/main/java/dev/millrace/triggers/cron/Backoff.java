package dev.millrace.triggers.cron;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** When to try again: the delay doubles from one failure to the next. Confined to the mailbox. */
final class Backoff {

  private final Duration first;
  private final Duration longest;
  private Duration delay;
  private @Nullable Instant until;

  Backoff(Duration first, Duration longest) {
    this.first = first;
    this.longest = longest;
    this.delay = first;
  }

  /** Notes a failure; the next try is due after the delay that is returned. */
  Duration failed(Instant now) {
    Duration current = delay;
    until = now.plus(current);
    Duration doubled = current.multipliedBy(2);
    delay = doubled.compareTo(longest) > 0 ? longest : doubled;
    return current;
  }

  void succeeded() {
    until = null;
    delay = first;
  }

  /** Whether a try is allowed now. */
  boolean over(Instant now) {
    return until == null || !now.isBefore(until);
  }

  /** When the next try is due; empty when the last one succeeded. */
  Optional<Instant> until() {
    return Optional.ofNullable(until);
  }
}
