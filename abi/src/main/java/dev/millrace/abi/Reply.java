package dev.millrace.abi;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a function answers: done, try again, or never again. */
public sealed interface Reply {

  /**
   * The event is done.
   *
   * @param data what the function answered, not copied; {@code null} when it answered nothing
   * @param publishes messages that go out before the event is settled
   */
  record Done(byte @Nullable [] data, List<Message> publishes) implements Reply {
    public Done {
      publishes = List.copyOf(publishes);
    }
  }

  /**
   * The function asks to be called again.
   *
   * @param after how long to wait, at least zero; empty to leave it to the trigger's back-off
   * @param reason what the function said of it, possibly empty
   */
  record Retry(Optional<Duration> after, String reason) implements Reply {}

  /**
   * The function will never accept this event.
   *
   * @param reason what the function said of it, possibly empty
   */
  record Reject(String reason) implements Reply {}
}
