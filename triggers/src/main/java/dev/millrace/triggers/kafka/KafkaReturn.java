package dev.millrace.triggers.kafka;

import dev.millrace.abi.Event;
import dev.millrace.abi.Message;
import dev.millrace.triggers.Destination;
import java.util.Optional;

/**
 * Sends an event back to the topic that it came from: key, headers and data as they were. A
 * structured CloudEvent goes back in binary mode, the same event in the other encoding. It gets
 * another offset there, and may get another partition.
 */
public final class KafkaReturn {

  private KafkaReturn() {}

  /**
   * The message that is the event again.
   *
   * @param connection the trigger's connection
   * @return empty if the event says of no topic that it came from it
   */
  public static Optional<Message> message(String connection, Event event) {
    String topic = event.extensions().get(Coordinates.TOPIC);
    if (topic == null || topic.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Message(
            new Destination(connection, topic).toString(),
            event.key(),
            StructuredCloudEvent.isSourceOf(event)
                ? BinaryCloudEvent.headers(event)
                : event.headers(),
            event.data()));
  }
}
