package dev.millrace.triggers.kafka;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.abi.Header;
import dev.millrace.abi.Message;
import dev.millrace.triggers.testing.KafkaBroker;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class KafkaPublisherIT {

  private static final byte[] NOT_UTF_8 = {(byte) 0xff, 0, (byte) 0xc3, 0x28};

  private TestTopic topic;
  private KafkaPublisher publisher;

  @BeforeEach
  void open() throws Exception {
    topic = TestTopic.create(KafkaBroker.bootstrap(), 1);
    publisher = KafkaPublisher.create("events", topic.connection());
  }

  @AfterEach
  void close() {
    publisher.close();
    topic.close();
  }

  private static void await(CompletionStage<Void> stage) throws Exception {
    stage.toCompletableFuture().get(60, TimeUnit.SECONDS);
  }

  private static IOException failureOf(CompletionStage<Void> stage) {
    ExecutionException failure = assertThrows(ExecutionException.class, () -> await(stage));
    return assertInstanceOf(IOException.class, failure.getCause());
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private String to() {
    return "events/" + topic.name();
  }

  @Test
  void sendsKeysHeadersAndDataByteForByteAndInOrder() throws Exception {
    Message rich =
        new Message(
            to(),
            NOT_UTF_8,
            List.of(
                new Header("a", NOT_UTF_8),
                new Header("a", null),
                new Header("traceparent", utf8("00-1"))),
            NOT_UTF_8);
    Message bare = new Message(to(), null, List.of(), null);

    await(publisher.publish(List.of(rich, bare)));

    List<ConsumerRecord<byte[], byte[]>> records = topic.readAll();
    assertEquals(2, records.size());
    assertArrayEquals(NOT_UTF_8, records.get(0).key());
    assertArrayEquals(NOT_UTF_8, records.get(0).value());
    List<Header> headers = RecordHeaders.list(records.get(0).headers());
    assertEquals(List.of("a", "a", "traceparent"), headers.stream().map(Header::name).toList());
    assertArrayEquals(NOT_UTF_8, headers.get(0).value());
    assertNull(headers.get(1).value());
    assertNull(records.get(1).key());
    assertNull(records.get(1).value());
  }

  @Test
  void keepsTheOrderOfManyMessages() throws Exception {
    List<Message> messages = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      messages.add(Message.of(to(), utf8(Integer.toString(i))));
    }

    await(publisher.publish(messages));

    List<String> values =
        topic.readAll().stream()
            .map(record -> new String(record.value(), StandardCharsets.UTF_8))
            .toList();
    assertEquals(
        messages.stream()
            .map(message -> new String(message.data(), StandardCharsets.UTF_8))
            .toList(),
        values);
  }

  @Test
  void sendsTenMegabytes() throws Exception {
    byte[] large = new byte[10 << 20];
    Arrays.fill(large, (byte) 'x');

    await(publisher.publish(List.of(Message.of(to(), large))));

    assertArrayEquals(large, topic.readAll().get(0).value());
  }

  @Test
  void saysThatAMessageIsTooLarge() {
    IOException failure =
        failureOf(publisher.publish(List.of(Message.of(to(), new byte[17 << 20]))));

    assertTrue(failure.getMessage().contains("exceed"), failure.getMessage());
    assertTrue(failure.getMessage().contains(to()), failure.getMessage());
  }

  @Test
  void saysThatATopicDoesNotExistAndHoldsUpNobodyElse() throws Exception {
    Map<String, Object> properties = KafkaClients.producer("test", topic.connection());
    try (KafkaPublisher impatient =
        new KafkaPublisher(
            "events", Duration.ofSeconds(2), () -> new KafkaProducer<>(properties))) {
      CompletionStage<Void> lost =
          impatient.publish(List.of(Message.of("events/nobody-made-this", new byte[1])));
      CompletionStage<Void> fine = impatient.publish(List.of(Message.of(to(), new byte[1])));

      await(fine);
      IOException failure = failureOf(lost);
      assertTrue(failure.getMessage().contains("events/nobody-made-this"), failure.getMessage());
      assertTrue(failure.getMessage().contains("does not exist"), failure.getMessage());
    }
  }

  @Test
  void failsWhatIsNotConfirmedWhenItIsClosed() {
    CompletionStage<Void> lost =
        publisher.publish(List.of(Message.of("events/nobody-made-this", new byte[1])));

    publisher.close();

    assertTrue(failureOf(lost).getMessage().contains("closed"));
    assertTrue(
        failureOf(publisher.publish(List.of(Message.of(to(), new byte[1]))))
            .getMessage()
            .contains("closed"));
  }
}
