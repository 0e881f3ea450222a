package dev.millrace.worker.dispatch;

import dev.millrace.triggers.FailureKind;
import java.time.Duration;

/** What happens to an event after an attempt that did not succeed. */
sealed interface Verdict {

  /**
   * Try again.
   *
   * @param delay how long to wait
   * @param counted whether the attempt was used up
   */
  record Retry(Duration delay, boolean counted) implements Verdict {}

  /**
   * Give up.
   *
   * @param kind why
   * @param error the sentence that goes into the dead letter
   */
  record GiveUp(FailureKind kind, String error) implements Verdict {}
}
