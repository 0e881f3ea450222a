package dev.millrace.triggers;

import dev.millrace.abi.DetachedEvent;
import java.time.Instant;
import java.util.List;

/**
 * An event that failed for good, with all that is known of it.
 *
 * @param id the same for every storing of the same failure of the same event: {@code
 *     trigger/receipt}, so that a duplicate can be told
 * @param event the event, byte for byte
 * @param trigger the trigger that received it
 * @param function the function that failed
 * @param version the function version of the last attempt, a hex digest; empty if there was none
 * @param failure why the last attempt failed
 * @param error what happened in the last attempt
 * @param receivedAt when the worker first received the event
 * @param failedAt when it gave up
 * @param attempts the attempts, oldest first; of many, the first and the latest are kept
 * @param attemptCount how many attempts there were in all
 */
public record DeadLetter(
    String id,
    DetachedEvent event,
    String trigger,
    String function,
    String version,
    FailureKind failure,
    String error,
    Instant receivedAt,
    Instant failedAt,
    List<Attempt> attempts,
    int attemptCount) {

  public DeadLetter {
    attempts = List.copyOf(attempts);
  }
}
