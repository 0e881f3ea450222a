package dev.millrace.triggers.kafka;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.abi.Event;
import dev.millrace.abi.Header;
import dev.millrace.abi.Message;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;

/** Events on their way back to their topic. */
class KafkaReturnTest {

  private static final byte[] NOT_UTF_8 = {(byte) 0xff, 0, (byte) 0xc3, 0x28};
  private static final Instant AT = Instant.parse("2026-01-02T03:04:05Z");

  private static Event record(byte[] value, List<Header> headers) {
    return DetachedEvent.copyOf(
        RecordEvents.of(
            new ConsumerRecord<>(
                "orders",
                3,
                7,
                0,
                TimestampType.CREATE_TIME,
                0,
                0,
                NOT_UTF_8,
                value,
                RecordHeaders.toKafka(headers),
                Optional.empty()),
            new Arrival("g", AT)));
  }

  @Test
  void sendsTheSameBytesToTheSameTopic() {
    List<Header> headers = List.of(new Header("a", NOT_UTF_8), new Header("a", null));

    Message message = KafkaReturn.message("events", record(NOT_UTF_8, headers)).orElseThrow();

    assertEquals("events/orders", message.to());
    assertArrayEquals(NOT_UTF_8, message.key());
    assertArrayEquals(NOT_UTF_8, message.data());
    assertEquals(2, message.headers().size());
    assertArrayEquals(NOT_UTF_8, message.headers().get(0).value());
  }

  @Test
  void sendsAStructuredCloudEventInBinaryMode() {
    byte[] value =
        "{\"specversion\":\"1.0\",\"id\":\"A\",\"source\":\"/s\",\"type\":\"t\",\"data\":1}"
            .getBytes(StandardCharsets.UTF_8);
    byte[] type = "application/cloudevents+json".getBytes(StandardCharsets.UTF_8);

    Message message =
        KafkaReturn.message("events", record(value, List.of(new Header("content-type", type))))
            .orElseThrow();

    assertEquals("1", new String(message.data(), StandardCharsets.UTF_8));
    assertEquals(
        List.of("A"),
        message.headers().stream()
            .filter(header -> header.name().equals("ce_id"))
            .map(header -> new String(header.value(), StandardCharsets.UTF_8))
            .toList());
  }

  @Test
  void knowsNoWayBackForAnEventFromElsewhere() {
    assertEquals(
        Optional.empty(),
        KafkaReturn.message("events", DetachedEvent.of("1", "cron:n", "t", AT, "x")));
  }
}
