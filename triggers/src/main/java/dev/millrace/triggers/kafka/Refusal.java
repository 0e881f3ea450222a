package dev.millrace.triggers.kafka;

import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TopicAuthorizationException;

/**
 * A message that the broker did not take.
 *
 * @param delivery the delivery of the event that it is a result of
 * @param topic where it was to go
 * @param reason what a person is told
 * @param cause what Kafka's client said
 */
record Refusal(TransactionalDelivery delivery, String topic, String reason, Exception cause) {

  /** Whether sending the same message again is pointless. */
  boolean isForGood() {
    return cause instanceof RecordTooLargeException
        || cause instanceof InvalidTopicException
        || cause instanceof TopicAuthorizationException;
  }
}
