package dev.millrace.triggers.kafka.bench;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * The loop that a Java programmer would write in place of the worker: poll, hash each record
 * (FNV-1a over its value, as the guest {@code tiny.wasm} does), commit once a second. The consumer
 * is configured as a Kafka trigger's is.
 *
 * <p>It reads only between {@link #resume} and {@link #pause}, and goes on polling in between. Runs
 * on a thread of its own; its methods are safe for any thread.
 */
public final class BareConsumer implements AutoCloseable {

  private static final Duration POLL = Duration.ofMillis(50);
  private static final long COMMIT_NANOS = 1_000_000_000;

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Thread thread = new Thread(this::run, "bare-consumer");

  /** Written by the thread alone. */
  private volatile long count;

  /** Keeps the hashes from being optimized away. Written by the thread alone. */
  private volatile int hashes;

  private volatile boolean reading;
  private volatile boolean closed;

  /** Joins the group, from the beginning of the topic; reads nothing yet. */
  public BareConsumer(String bootstrap, String group, String topic) {
    consumer =
        new KafkaConsumer<>(
            Map.ofEntries(
                Map.entry("bootstrap.servers", bootstrap),
                Map.entry("group.id", group),
                Map.entry("group.protocol", "consumer"),
                Map.entry("auto.offset.reset", "earliest"),
                Map.entry("enable.auto.commit", "false"),
                Map.entry("isolation.level", "read_committed"),
                Map.entry("max.poll.records", "2000"),
                Map.entry("metric.reporters", ""),
                Map.entry("enable.metrics.push", "false"),
                Map.entry("key.deserializer", ByteArrayDeserializer.class.getName()),
                Map.entry("value.deserializer", ByteArrayDeserializer.class.getName())));
    consumer.subscribe(List.of(topic));
    thread.start();
  }

  /** Begins to read, or goes on. */
  public void resume() {
    reading = true;
  }

  /** Reads no more; what was read is processed. */
  public void pause() {
    reading = false;
  }

  /** How many records it has processed. */
  public long count() {
    return count;
  }

  private void run() {
    boolean paused = false;
    long committed = System.nanoTime();
    try (consumer) {
      while (!closed) {
        if (!reading) {
          consumer.pause(consumer.assignment());
          paused = true;
          LockSupport.parkNanos(POLL.toNanos());
        } else if (paused) {
          consumer.resume(consumer.assignment());
          paused = false;
        }
        // While it has records of paused partitions, a poll does not wait.
        process(consumer.poll(paused ? Duration.ZERO : POLL));
        if (System.nanoTime() - committed >= COMMIT_NANOS) {
          committed = System.nanoTime();
          consumer.commitAsync();
        }
      }
    }
  }

  private void process(ConsumerRecords<byte[], byte[]> records) {
    int all = hashes;
    for (ConsumerRecord<byte[], byte[]> record : records) {
      all += hash(record.value());
    }
    hashes = all;
    long before = count;
    count = before + records.count();
  }

  private static int hash(byte[] data) {
    int hash = 0x811C9DC5;
    for (byte b : data) {
      hash = (hash ^ (b & 0xFF)) * 0x01000193;
    }
    return hash;
  }

  /** Leaves the group; blocks until the thread has ended. */
  @Override
  public void close() {
    closed = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
