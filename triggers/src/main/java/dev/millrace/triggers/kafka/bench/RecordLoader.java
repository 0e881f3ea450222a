package dev.millrace.triggers.kafka.bench;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/** Fills topics. For one thread; blocks. */
public final class RecordLoader {

  private static final int VALUES = 64;

  private RecordLoader() {}

  /**
   * Makes a topic and fills it with records of random bytes.
   *
   * @param bootstrap the broker
   * @param count how many records
   * @param bytes the size of each
   * @param keys how many different keys they have, in turn
   * @throws ExecutionException if the broker does not take them
   */
  @SuppressWarnings("FutureReturnValueIgnored") // the callback tells, and keeps no future alive
  public static void fill(
      String bootstrap, String topic, int partitions, long count, int bytes, int keys)
      throws InterruptedException, ExecutionException {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
      admin
          .createTopics(List.of(new NewTopic(topic, Optional.of(partitions), Optional.empty())))
          .all()
          .get();
    }
    Random random = new Random(1);
    byte[][] values = new byte[VALUES][bytes];
    for (byte[] value : values) {
      random.nextBytes(value);
    }
    byte[][] names = new byte[keys][];
    for (int i = 0; i < keys; i++) {
      names[i] = ("key-" + i).getBytes(StandardCharsets.UTF_8);
    }
    AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of(
                "bootstrap.servers",
                bootstrap,
                "linger.ms",
                "5",
                "batch.size",
                "65536",
                "key.serializer",
                ByteArraySerializer.class.getName(),
                "value.serializer",
                ByteArraySerializer.class.getName()))) {
      for (long i = 0; i < count; i++) {
        producer.send(
            new ProducerRecord<>(topic, names[(int) (i % keys)], values[(int) (i % VALUES)]),
            (sent, error) -> {
              if (error != null) {
                failure.set(error);
              }
            });
      }
      producer.flush();
    }
    Exception error = failure.get();
    if (error != null) {
      throw new ExecutionException("topic '" + topic + "' could not be filled", error);
    }
  }
}
