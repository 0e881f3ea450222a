package dev.millrace.triggers;

import dev.millrace.abi.Message;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * Publishes the results of one event as one with its acknowledgement, where the event's source can
 * do that: both happen, or neither does and the event comes again. Safe for any thread.
 */
public interface ResultPublisher {

  /**
   * Whether a message to this destination can be part of it.
   *
   * @param destination written {@code connection/target}
   */
  boolean takes(String destination);

  /**
   * Takes what the event's function published, or the event's dead letter, in place of what it took
   * before. The messages go out with the acknowledgement of the event, and become visible with it.
   *
   * <p>Completes at once; exceptionally, with a {@link PublishException}, when it is known that the
   * messages will never be taken. Does not block.
   */
  CompletionStage<Void> publish(List<Message> messages);
}
