package dev.millrace.triggers.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.triggers.Order;
import dev.millrace.triggers.kafka.KafkaTriggerOptions.Start;
import dev.millrace.triggers.kafka.Membership.Protocol;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.junit.jupiter.api.Test;

/** What the clients are told, and what is made of what they say. */
class KafkaClientsTest {

  private static KafkaTriggerOptions options(Protocol protocol, Map<String, String> properties) {
    return new KafkaTriggerOptions(
        List.of("orders"),
        Optional.empty(),
        Membership.of("charge", protocol),
        Start.LATEST,
        Order.KEY,
        false,
        properties);
  }

  private static KafkaConnection connection(Map<String, String> properties) {
    return new KafkaConnection("broker:9092", properties);
  }

  @Test
  void theManifestWinsOverDefaultsAndTheTriggerOverTheConnection() {
    Map<String, Object> properties =
        KafkaClients.consumer(
            "orders",
            connection(Map.of("max.poll.records", "7", "security.protocol", "SSL")),
            options(Protocol.CONSUMER, Map.of("max.poll.records", "9")));

    assertEquals("9", properties.get("max.poll.records"));
    assertEquals("SSL", properties.get("security.protocol"));
    assertEquals("charge", properties.get("group.id"));
    assertEquals("consumer", properties.get("group.protocol"));
    assertEquals("none", properties.get("auto.offset.reset"));
    assertEquals("false", properties.get("enable.auto.commit"));
  }

  @Test
  void metricsGoToABrokerOnlyWhereTheManifestSaysSo() {
    Map<String, Object> silent = KafkaClients.producer("dead-letters", connection(Map.of()));
    Map<String, Object> telling =
        KafkaClients.producer("dead-letters", connection(Map.of("enable.metrics.push", "true")));

    assertEquals("false", silent.get("enable.metrics.push"));
    assertEquals("true", telling.get("enable.metrics.push"));
  }

  @Test
  void kafkaAcceptsThePropertiesOfBothProtocols() {
    for (Protocol protocol : List.of(Protocol.CONSUMER, Protocol.CLASSIC)) {
      ConsumerConfig config =
          new ConsumerConfig(
              new HashMap<>(
                  KafkaClients.consumer(
                      "orders", connection(Map.of()), options(protocol, Map.of()))));
      assertEquals("charge", config.getString("group.id"));
    }
    assertTrue(
        new ProducerConfig(new HashMap<>(KafkaClients.producer("events", connection(Map.of()))))
            .getBoolean("enable.idempotence"));
  }

  @Test
  void whatThePromisesOfPublishingRestOnIsRefused() {
    IllegalArgumentException refusal =
        assertThrows(
            IllegalArgumentException.class,
            () -> KafkaClients.producer("events", connection(Map.of("acks", "0"))));

    assertTrue(refusal.getMessage().contains("'acks'"), refusal.getMessage());
  }

  @Test
  void sentencesSayWhatToDo() {
    assertTrue(
        Trouble.sentence(new UnsupportedVersionException("no ConsumerGroupHeartbeat"))
            .contains("protocol: classic"));
    assertTrue(
        Trouble.sentence(
                new KafkaException("outer", new SaslAuthenticationException("wrong password")))
            .contains("credentials (wrong password)"));
    assertEquals("KafkaException: odd", Trouble.sentence(new KafkaException("odd")));
  }

  @Test
  void delaysGrowToTheLongestAndNeverBeyond() {
    Random random = new Random(7);
    for (int failures = 1; failures < 200; failures++) {
      long bound = Math.min(30_000, 200L << Math.min(failures - 1, 20));
      long delay = Backoff.delay(failures, random).toMillis();
      assertTrue(delay <= bound && delay >= bound / 10, failures + ": " + delay);
    }
    assertFalse(
        Backoff.delay(9, random).equals(Backoff.delay(9, random)), "delays are not all equal");
  }
}
