package dev.millrace.worker.dispatch;

import dev.millrace.abi.Header;
import dev.millrace.abi.Message;
import dev.millrace.triggers.FailureKind;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What came of one attempt. */
public sealed interface Outcome {

  /**
   * The function is done with the event.
   *
   * @param reply what it answered, {@code null} for nothing; not copied
   * @param replyHeaders the headers that the function gave its answer
   * @param publishes what goes out before the event is settled
   */
  record Succeeded(byte @Nullable [] reply, List<Header> replyHeaders, List<Message> publishes)
      implements Outcome {
    public Succeeded {
      replyHeaders = replyHeaders.isEmpty() ? List.of() : List.copyOf(replyHeaders);
      publishes = publishes.isEmpty() ? List.of() : List.copyOf(publishes);
    }

    /** An answer without headers. */
    public Succeeded(byte @Nullable [] reply, List<Message> publishes) {
      this(reply, List.of(), publishes);
    }
  }

  /**
   * The attempt failed, by the guest's own word or against its will.
   *
   * @param kind why; its class decides what happens next
   * @param error what happened and what to do about it, in one or a few lines
   * @param retryAfter how long the guest asked to wait; empty for the trigger's back-off
   */
  record Failed(FailureKind kind, String error, Optional<Duration> retryAfter) implements Outcome {

    /** A failure without a wish of the guest's. */
    public static Failed of(FailureKind kind, String error) {
      return new Failed(kind, error, Optional.empty());
    }
  }
}
