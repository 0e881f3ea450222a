package dev.millrace.worker.chaos;

import dev.millrace.triggers.testing.KafkaBroker;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Topics on the shared broker whose records have the numbers 0, 1, … as their values. */
final class NumberedRecords {

  static final int PARTITIONS = 4;

  private NumberedRecords() {}

  static void createTopics(String... names) throws ExecutionException, InterruptedException {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", KafkaBroker.bootstrap()))) {
      List<NewTopic> topics =
          Stream.of(names).map(name -> new NewTopic(name, PARTITIONS, (short) 1)).toList();
      admin.createTopics(topics).all().get();
    }
  }

  /** Sends so many and waits for the confirmations, which come in the order of the numbers. */
  static List<RecordMetadata> send(String topic, int count, IntFunction<String> key)
      throws ExecutionException, InterruptedException {
    List<Future<RecordMetadata>> sent = new ArrayList<>(count);
    Map<String, Object> properties =
        Map.of(
            "bootstrap.servers",
            KafkaBroker.bootstrap(),
            "linger.ms",
            20,
            "max.in.flight.requests.per.connection",
            1);
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(properties, new StringSerializer(), new StringSerializer())) {
      for (int i = 0; i < count; i++) {
        sent.add(producer.send(new ProducerRecord<>(topic, key.apply(i), String.valueOf(i))));
      }
      List<RecordMetadata> confirmed = new ArrayList<>(count);
      for (Future<RecordMetadata> confirmation : sent) {
        confirmed.add(confirmation.get());
      }
      return confirmed;
    }
  }

  /** The same, noted as events that must take effect. */
  static void send(String topic, int count, IntFunction<String> key, History history)
      throws ExecutionException, InterruptedException {
    List<RecordMetadata> confirmed = send(topic, count, key);
    for (int i = 0; i < count; i++) {
      RecordMetadata record = confirmed.get(i);
      history.add(
          new History.Sent(
              key.apply(i),
              i,
              record.partition(),
              record.offset(),
              History.Expected.EFFECT,
              String.valueOf(i)));
    }
  }

  /**
   * A reader of the whole topic. The caller closes it.
   *
   * @param isolation {@code read_committed} or {@code read_uncommitted}
   */
  static KafkaConsumer<String, String> reader(String topic, String isolation) {
    KafkaConsumer<String, String> reader =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", KafkaBroker.bootstrap(), "isolation.level", isolation),
            new StringDeserializer(),
            new StringDeserializer());
    List<TopicPartition> partitions =
        IntStream.range(0, PARTITIONS).mapToObj(p -> new TopicPartition(topic, p)).toList();
    reader.assign(partitions);
    reader.seekToBeginning(partitions);
    return reader;
  }
}
