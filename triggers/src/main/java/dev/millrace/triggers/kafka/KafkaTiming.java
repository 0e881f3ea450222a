package dev.millrace.triggers.kafka;

import java.time.Duration;

/**
 * The intervals of a Kafka trigger.
 *
 * @param poll how long a poll, or the wait for room in the intake, lasts at most
 * @param commit how often finished offsets are committed, if there are any
 * @param drain how long a revoked partition waits for its events in flight
 * @param request how long a question to the broker may take before the consumer is made anew
 * @param grace how long no open connection at all is borne before it is called lost
 * @param silence how long no answer of the broker is taken for a broken connection
 * @param topicCheck how often a topic without partitions here is looked for
 */
record KafkaTiming(
    Duration poll,
    Duration commit,
    Duration drain,
    Duration request,
    Duration grace,
    Duration silence,
    Duration topicCheck) {

  static final KafkaTiming DEFAULT =
      new KafkaTiming(
          Duration.ofMillis(50),
          Duration.ofSeconds(1),
          Duration.ofSeconds(5),
          Duration.ofSeconds(15),
          Duration.ofSeconds(3),
          Duration.ofSeconds(20),
          Duration.ofSeconds(10));
}
