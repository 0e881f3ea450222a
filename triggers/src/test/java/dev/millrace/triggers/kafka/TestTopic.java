package dev.millrace.triggers.kafka;

import dev.millrace.abi.Header;
import dev.millrace.triggers.Order;
import dev.millrace.triggers.kafka.Membership.Protocol;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** A topic of one test, with a group of its own, and the plain client's view of both. */
final class TestTopic implements AutoCloseable {

  private final KafkaConnection connection;
  private final String name;
  private final String group;
  private final int partitions;
  private final KafkaProducer<byte[], byte[]> producer;

  private TestTopic(String bootstrap, String name, int partitions) {
    this.connection = new KafkaConnection(bootstrap, Map.of());
    this.name = name;
    this.group = "group-" + name;
    this.partitions = partitions;
    Map<String, Object> properties = KafkaClients.producer("test", connection);
    properties.put("max.block.ms", "60000");
    properties.put("delivery.timeout.ms", "120000"); // the machine may be busy
    this.producer = new KafkaProducer<>(properties);
  }

  /** A topic that exists. */
  static TestTopic create(String bootstrap, int partitions) throws IOException {
    TestTopic topic = missing(bootstrap, partitions);
    topic.create();
    return topic;
  }

  /** A topic that does not exist until {@link #create()}. */
  static TestTopic missing(String bootstrap, int partitions) {
    return new TestTopic(bootstrap, "t" + UUID.randomUUID().toString().substring(0, 8), partitions);
  }

  void create() throws IOException {
    KafkaTopics.ensure(connection, List.of(name), partitions, Duration.ofSeconds(60));
  }

  String name() {
    return name;
  }

  String group() {
    return group;
  }

  KafkaConnection connection() {
    return connection;
  }

  KafkaTriggerOptions options() {
    return options(Order.NONE, KafkaTriggerOptions.Start.EARLIEST);
  }

  KafkaTriggerOptions options(Order order, KafkaTriggerOptions.Start start) {
    return new KafkaTriggerOptions(
        List.of(name),
        Optional.empty(),
        Membership.of(group, Protocol.CONSUMER),
        start,
        order,
        false,
        Map.of());
  }

  /** Sends a value to partition 0 and waits for the confirmation. */
  RecordMetadata send(String value) throws Exception {
    return send(0, null, value.getBytes(StandardCharsets.UTF_8), List.of());
  }

  /** Sends a record and waits for the confirmation. */
  RecordMetadata send(
      int partition, byte @Nullable [] key, byte @Nullable [] value, List<Header> headers)
      throws Exception {
    return producer
        .send(new ProducerRecord<>(name, partition, key, value, RecordHeaders.toKafka(headers)))
        .get(60, TimeUnit.SECONDS);
  }

  /** Sends values 0, 1, … to the partitions in turn, and waits for the confirmations. */
  void sendMany(int count) throws Exception {
    List<Future<RecordMetadata>> sent = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      byte[] value = Integer.toString(i).getBytes(StandardCharsets.UTF_8);
      sent.add(producer.send(new ProducerRecord<>(name, i % partitions, null, value)));
    }
    for (Future<RecordMetadata> confirmation : sent) {
      confirmation.get(120, TimeUnit.SECONDS);
    }
  }

  /** Sends a value to partition 0 in a transaction of its own, and commits or aborts it. */
  void sendInTransaction(String value, boolean commit) {
    Map<String, Object> properties = KafkaClients.producer("test", connection);
    properties.put("transactional.id", name);
    properties.put("max.block.ms", "60000");
    try (KafkaProducer<byte[], byte[]> transactional = new KafkaProducer<>(properties)) {
      transactional.initTransactions();
      transactional.beginTransaction();
      byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
      Future<RecordMetadata> sent = transactional.send(new ProducerRecord<>(name, 0, null, bytes));
      transactional.flush();
      if (!sent.isDone()) {
        throw new IllegalStateException("not sent");
      }
      if (commit) {
        transactional.commitTransaction();
      } else {
        transactional.abortTransaction();
      }
    }
  }

  /** What the group has committed for a partition; -1 for nothing. */
  long committed(int partition) throws Exception {
    try (Admin admin = Admin.create(KafkaClients.admin("test", connection))) {
      OffsetAndMetadata committed =
          admin
              .listConsumerGroupOffsets(group)
              .partitionsToOffsetAndMetadata()
              .get(60, TimeUnit.SECONDS)
              .get(new TopicPartition(name, partition));
      return committed == null ? -1 : committed.offset();
    }
  }

  /** Where a partition ends. */
  long end(int partition) throws Exception {
    TopicPartition id = new TopicPartition(name, partition);
    try (Admin admin = Admin.create(KafkaClients.admin("test", connection))) {
      return admin
          .listOffsets(Map.of(id, OffsetSpec.latest()))
          .partitionResult(id)
          .get(60, TimeUnit.SECONDS)
          .offset();
    }
  }

  /** Deletes the records of partition 0 below an offset, as retention does. */
  void deleteBelow(long offset) throws Exception {
    try (Admin admin = Admin.create(KafkaClients.admin("test", connection))) {
      admin
          .deleteRecords(Map.of(new TopicPartition(name, 0), RecordsToDelete.beforeOffset(offset)))
          .all()
          .get(60, TimeUnit.SECONDS);
    }
  }

  /** Reads everything of the topic that is there now. */
  List<ConsumerRecord<byte[], byte[]>> readAll() {
    Map<String, Object> properties = KafkaClients.consumer("test", connection, options());
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(properties)) {
      List<TopicPartition> ids = new ArrayList<>();
      for (int i = 0; i < partitions; i++) {
        ids.add(new TopicPartition(name, i));
      }
      consumer.assign(ids);
      consumer.seekToBeginning(ids);
      Map<TopicPartition, Long> ends = consumer.endOffsets(ids);
      while (ids.stream().anyMatch(id -> consumer.position(id) < ends.get(id))) {
        consumer.poll(Duration.ofMillis(200)).forEach(records::add);
      }
    }
    return records;
  }

  @Override
  public void close() {
    producer.close(Duration.ofSeconds(5));
  }
}
