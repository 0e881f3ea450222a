package dev.millrace.triggers.kafka;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.abi.Message;
import dev.millrace.triggers.testing.FakeIntake;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.NotEnoughReplicasException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class KafkaPublisherTest {

  /** A producer without metadata of some topics for some calls, or broken for good. */
  private static final class FaultyProducer extends MockProducer<byte[], byte[]> {
    private final Queue<RuntimeException> refusals = new ArrayDeque<>();
    private boolean broken;

    FaultyProducer() {
      super(false, null, new ByteArraySerializer(), new ByteArraySerializer());
    }

    @Override
    public synchronized Future<RecordMetadata> send(
        ProducerRecord<byte[], byte[]> record, Callback callback) {
      if (broken) {
        throw new IllegalStateException("at least one previous request has failed with errors");
      }
      RuntimeException refusal =
          record.topic().startsWith("unknown")
              ? new TimeoutException("no metadata", new UnknownTopicOrPartitionException("unknown"))
              : refusals.poll();
      if (refusal != null) {
        callback.onCompletion(null, refusal);
        return CompletableFuture.failedFuture(refusal);
      }
      return super.send(record, callback);
    }
  }

  private final FaultyProducer producer = new FaultyProducer();
  private KafkaPublisher publisher = publisher(() -> producer);

  private static KafkaPublisher publisher(Supplier<Producer<byte[], byte[]>> producers) {
    return new KafkaPublisher("events", Duration.ofMillis(300), producers);
  }

  @AfterEach
  void close() {
    publisher.close();
  }

  private static Message message(String topic, int bytes) {
    return Message.of("events/" + topic, new byte[bytes]);
  }

  private CompletableFuture<Void> publish(Message... messages) {
    return publisher.publish(List.of(messages)).toCompletableFuture();
  }

  private void awaitSent(int count) {
    await().atMost(FakeIntake.PATIENCE).until(() -> producer.history().size() == count);
  }

  private static String failureOf(CompletableFuture<Void> result) {
    ExecutionException failure =
        assertThrows(ExecutionException.class, () -> result.get(60, TimeUnit.SECONDS));
    return assertInstanceOf(IOException.class, failure.getCause()).getMessage();
  }

  @Test
  void completesWhenEveryMessageIsConfirmed() throws Exception {
    CompletableFuture<Void> result = publish(message("a", 1), message("b", 1));
    awaitSent(2);
    producer.completeNext();
    assertFalse(result.isDone());

    producer.completeNext();

    result.get(60, TimeUnit.SECONDS);
  }

  @Test
  void failsWhenOneMessageIsNotConfirmed() {
    CompletableFuture<Void> result = publish(message("a", 1), message("b", 1));
    awaitSent(2);
    producer.completeNext();

    producer.errorNext(new NotEnoughReplicasException("one replica"));

    String failure = failureOf(result);
    assertTrue(failure.startsWith("message to events/b not confirmed: "), failure);
    assertTrue(failure.contains("one replica"), failure);
  }

  @Test
  void waitsForMetadataAndKeepsTheOrder() throws Exception {
    producer.refusals.add(new TimeoutException("no metadata yet"));
    CompletableFuture<Void> result = publish(message("a", 1), message("b", 2));
    awaitSent(2);

    producer.completeNext();
    producer.completeNext();

    result.get(60, TimeUnit.SECONDS);
    assertEquals(
        List.of("a", "b"), producer.history().stream().map(ProducerRecord::topic).toList());
  }

  @Test
  void aTopicThatDoesNotExistHoldsUpNobodyElse() throws Exception {
    CompletableFuture<Void> lost = publish(message("unknown", 1));
    CompletableFuture<Void> fine = publish(message("a", 1));
    awaitSent(1);
    producer.completeNext();

    fine.get(60, TimeUnit.SECONDS);
    String failure = failureOf(lost);
    assertTrue(failure.contains("events/unknown not sent: the topic does not exist"), failure);
  }

  @Test
  void failsAtOnceWhenTooMuchWaitsForConfirmation() throws Exception {
    CompletableFuture<Void> first = publish(message("a", 1));
    CompletableFuture<Void> large =
        publish(message("a", (int) KafkaPublisher.MAX_UNCONFIRMED_BYTES));
    assertTrue(failureOf(large).contains("wait for confirmation already"), failureOf(large));
    awaitSent(1);
    producer.completeNext();
    first.get(60, TimeUnit.SECONDS);

    CompletableFuture<Void> again =
        publish(message("a", (int) KafkaPublisher.MAX_UNCONFIRMED_BYTES + 1));

    awaitSent(2);
    producer.completeNext();
    again.get(60, TimeUnit.SECONDS);
  }

  @Test
  void aFailureGivesItsRoomBack() throws Exception {
    for (int i = 0; i < 3; i++) {
      CompletableFuture<Void> lost =
          publish(message("unknown", (int) KafkaPublisher.MAX_UNCONFIRMED_BYTES));
      assertTrue(failureOf(lost).contains("does not exist"));
    }
  }

  @Test
  void replacesAProducerThatIsBroken() throws Exception {
    List<FaultyProducer> made = new ArrayList<>(List.of(new FaultyProducer(), producer));
    made.get(0).broken = true;
    publisher.close();
    publisher = publisher(() -> made.remove(0));
    assertTrue(failureOf(publish(message("a", 1))).contains("previous request has failed"));

    CompletableFuture<Void> next = publish(message("a", 1));

    awaitSent(1);
    producer.completeNext();
    next.get(60, TimeUnit.SECONDS);
  }

  @Test
  void triesAgainWhileNoHostCanBeResolved() throws Exception {
    int[] tries = {0};
    publisher.close();
    publisher =
        publisher(
            () -> {
              if (tries[0]++ == 0) {
                throw new KafkaException(
                    "Failed to construct kafka producer",
                    new ConfigException("No resolvable bootstrap urls given in bootstrap.servers"));
              }
              return producer;
            });

    CompletableFuture<Void> result = publish(message("a", 1));

    awaitSent(1);
    producer.completeNext();
    result.get(60, TimeUnit.SECONDS);
  }

  @Test
  void anEmptyListIsDone() {
    assertTrue(publish().isDone());
  }
}
