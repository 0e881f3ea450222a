package dev.millrace.worker.chaos;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * Reads effects, dead letters and committed offsets into the history, on a thread of its own, until
 * it is closed.
 */
final class Observer implements AutoCloseable {

  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final long COMMITS_EVERY_MILLIS = 500;

  private final ChaosTopics topics;
  private final History history;
  private final Admin admin;
  private final KafkaConsumer<String, byte[]> reader;
  private final Thread thread = new Thread(this::observe, "observer");
  private volatile boolean closing;
  private volatile @Nullable RuntimeException failure;

  /** Begins to observe. */
  Observer(String bootstrap, ChaosTopics topics, History history) {
    this.topics = topics;
    this.history = history;
    this.admin = Admin.create(Map.of("bootstrap.servers", bootstrap));
    // Nothing may be passed over: an offset that is not there is an error.
    this.reader =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", bootstrap, "auto.offset.reset", "none"),
            new StringDeserializer(),
            new ByteArrayDeserializer());
    List<TopicPartition> partitions = new ArrayList<>();
    for (int partition = 0; partition < ChaosTopics.PARTITIONS; partition++) {
      partitions.add(new TopicPartition(topics.effects(), partition));
      partitions.add(new TopicPartition(topics.letters(), partition));
    }
    reader.assign(partitions);
    for (TopicPartition partition : partitions) {
      reader.seek(partition, 0);
    }
    thread.start();
  }

  private void observe() {
    long commitsAt = 0;
    try {
      while (!closing) {
        read();
        if (System.currentTimeMillis() >= commitsAt) {
          readCommits();
          commitsAt = System.currentTimeMillis() + COMMITS_EVERY_MILLIS;
        }
      }
      while (read() > 0) {
        // once more
      }
      readCommits();
    } catch (RuntimeException e) {
      failure = e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      reader.close();
    }
  }

  private int read() {
    int count = 0;
    for (ConsumerRecord<String, byte[]> record : reader.poll(Duration.ofMillis(200))) {
      count++;
      int number = Workload.number(record.value());
      if (record.topic().equals(topics.effects())) {
        history.add(new History.Effect(record.key(), number, record.timestamp()));
      } else {
        history.add(
            new History.Letter(
                header(record, "millrace-id"),
                record.key(),
                number,
                header(record, "millrace-failure"),
                HexFormat.of().formatHex(record.value()),
                record.timestamp()));
      }
    }
    return count;
  }

  private static String header(ConsumerRecord<String, byte[]> letter, String name) {
    return new String(letter.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
  }

  private void readCommits() throws InterruptedException {
    try {
      admin
          .listConsumerGroupOffsets(topics.group())
          .partitionsToOffsetAndMetadata()
          .get(2, TimeUnit.SECONDS)
          .forEach(
              (partition, committed) ->
                  history.add(
                      new History.Commit(
                          partition.partition(), committed.offset(), System.currentTimeMillis())));
    } catch (ExecutionException | TimeoutException e) {
      // The broker is away: the next look will tell.
    }
  }

  /** Reads what is left, and says if something could not be read. */
  void finish() throws InterruptedException {
    closing = true;
    thread.join(LIMIT.toMillis());
    if (thread.isAlive()) {
      throw new AssertionError("the observer did not end within " + LIMIT);
    }
    RuntimeException found = failure;
    if (found != null) {
      throw new AssertionError("the observer could not read on", found);
    }
  }

  /** Reads what is left, as far as the time goes. Does nothing the second time. */
  @Override
  public void close() {
    closing = true;
    try {
      thread.join(LIMIT.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    admin.close();
  }
}
