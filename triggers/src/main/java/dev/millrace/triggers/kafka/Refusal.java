package dev.millrace.triggers.kafka;

import java.util.Set;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TopicAuthorizationException;

/**
 * A message of a transaction that was not sent.
 *
 * @param delivery the delivery of the event that it is a result of
 * @param topic where it was to go
 * @param reason what a person is told
 * @param cause what Kafka's client said
 */
record Refusal(TransactionalDelivery delivery, String topic, String reason, Exception cause) {

  /**
   * Whether sending the same message again is pointless.
   *
   * <p>After the first message that fails, Kafka's client gives up all others of the transaction
   * that are not with the broker yet, and completes them with the same exception. What it says is
   * true of them only where it is said of their topic.
   *
   * @param first the first message of the transaction that was not sent
   */
  boolean isForGood(Refusal first) {
    return switch (cause) {
      case RecordTooLargeException tooLarge -> equals(first);
      case InvalidTopicException invalid -> isSaidOfTopic(invalid.invalidTopics(), first);
      case TopicAuthorizationException denied -> isSaidOfTopic(denied.unauthorizedTopics(), first);
      default -> false;
    };
  }

  /**
   * Whether an exception is about this message's topic: one that names no topics is about that of
   * the first message.
   */
  private boolean isSaidOfTopic(Set<String> named, Refusal first) {
    return named.isEmpty()
        ? topic.equals(first.topic) && cause.getClass() == first.cause.getClass()
        : named.contains(topic);
  }
}
