package dev.millrace.worker.manifest;

import dev.millrace.triggers.FailureKind;
import dev.millrace.worker.dispatch.Backoff;
import dev.millrace.worker.dispatch.Bounds;
import dev.millrace.worker.dispatch.RetryPolicy;
import dev.millrace.worker.dispatch.Tries;
import dev.millrace.worker.wasm.spec.FunctionSpec;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Reads {@code retry} of a trigger. */
final class RetryReader {

  private RetryReader() {}

  static RetryPolicy read(Section retry, Optional<FunctionSpec> function) {
    Tries tries = new Tries(retry.numberOrDefault("max_attempts"), backoff(retry));
    Map<FailureKind, Tries> on = new EnumMap<>(FailureKind.class);
    for (Section kind : retry.section("on").named()) {
      constant(kind.name()).ifPresent(failure -> on.put(failure, tries(kind, tries)));
    }
    Section waiting = retry.section("max_waiting");
    return new RetryPolicy(
        tries,
        on,
        maxAge(retry, function),
        retry.numberOrDefault("identical_traps"),
        retry.numberOrDefault("max_crashes"),
        new Bounds(waiting.numberOrDefault("events"), waiting.bytes("bytes", 1, Long.MAX_VALUE)));
  }

  private static Optional<FailureKind> constant(String name) {
    for (FailureKind kind : FailureKind.values()) {
      if (kind.name().toLowerCase(Locale.ROOT).equals(name)) {
        return Optional.of(kind);
      }
    }
    return Optional.empty();
  }

  private static Tries tries(Section kind, Tries others) {
    return new Tries(
        kind.number("max_attempts").orElse(others.maxAttempts()),
        kind.has("backoff") ? backoff(kind) : others.backoff());
  }

  private static Backoff backoff(Section of) {
    Section backoff = of.section("backoff");
    Duration initial = backoff.durationOrDefault("initial");
    Duration max = backoff.durationOrDefault("max");
    if (initial.isZero()) {
      backoff.reportKey(
          Rule.IMPOSSIBLE_LIMIT, "initial", "is 0; give a failing function some time");
      initial = Backoff.DEFAULT.initial();
    }
    if (max.compareTo(initial) < 0) {
      String key = backoff.has("max") ? "max" : "initial";
      backoff.reportKey(
          Rule.IMPOSSIBLE_LIMIT,
          key,
          "is "
              + backoff.textOrDefault(key)
              + ", but the wait grows from 'initial' "
              + DurationText.format(initial)
              + " up to 'max' "
              + DurationText.format(max)
              + "; make 'max' the longer one");
      max = initial;
    }
    return new Backoff(initial, max, backoff.decimalOrDefault("multiplier"));
  }

  private static Optional<Duration> maxAge(Section retry, Optional<FunctionSpec> function) {
    Optional<Duration> maxAge = retry.duration("max_age");
    if (maxAge.isPresent() && maxAge.get().isZero()) {
      retry.reportKey(
          Rule.IMPOSSIBLE_LIMIT,
          "max_age",
          "is 0, so that nothing is ever tried again; write max_attempts: 1 for that");
    } else if (maxAge.isPresent() && function.isPresent()) {
      Duration timeout = function.get().limits().timeout();
      if (maxAge.get().compareTo(timeout) < 0) {
        retry.reportKey(
            Rule.IMPOSSIBLE_LIMIT,
            "max_age",
            "is "
                + retry.text("max_age").orElseThrow()
                + ", shorter than limits.timeout of function '"
                + function.get().name()
                + "' ("
                + DurationText.format(timeout)
                + "), so that a timeout is never tried again; raise one or lower the other");
      }
    }
    return maxAge;
  }
}
