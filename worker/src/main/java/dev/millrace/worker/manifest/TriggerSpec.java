package dev.millrace.worker.manifest;

import dev.millrace.triggers.Destination;
import dev.millrace.triggers.Order;
import dev.millrace.triggers.cron.CronOptions;
import dev.millrace.triggers.kafka.KafkaQueueOptions;
import dev.millrace.triggers.kafka.KafkaTriggerOptions;
import dev.millrace.triggers.redis.ListOptions;
import dev.millrace.triggers.redis.PubSubOptions;
import dev.millrace.triggers.redis.StreamOptions;
import dev.millrace.worker.dispatch.Bounds;
import dev.millrace.worker.dispatch.RetryPolicy;
import java.time.Duration;
import java.util.Optional;

/**
 * A source of events and what happens with them.
 *
 * @param name the manifest's name for it
 * @param source where the events come from
 * @param function the function that runs on them, one of the manifest
 * @param retry how often and how long a failing event is tried
 * @param bounds how much may be with the worker at once
 * @param publish where the function's reply goes; empty for nowhere
 * @param deadLetter where an event goes that failed for good
 * @param keep what of it is kept in the store beside dead letters
 */
public record TriggerSpec(
    String name,
    Source source,
    String function,
    RetryPolicy retry,
    Bounds bounds,
    Optional<Destination> publish,
    DeadLetterTo deadLetter,
    Keep keep) {

  /**
   * What is kept in the store beside dead letters.
   *
   * @param park whether retries are
   * @param maxParked how many retries at most
   * @param parksKeys whether the events behind a dead letter of the same key are
   * @param dedupe for how long an event is remembered, so that a duplicate of it is dropped; empty
   *     if none is
   */
  public record Keep(Park park, int maxParked, boolean parksKeys, Optional<Duration> dedupe) {

    /** Retries where the store is as safe as the source, and nothing else. */
    public static final Keep DEFAULT = new Keep(Park.AUTO, 100_000, false, Optional.empty());
  }

  /** Whether a retry that waits for long may wait in the store, while its source forgets it. */
  public enum Park {
    /** Where the store is at least as safe as the source. */
    AUTO,
    ALWAYS,
    NEVER
  }

  /** Where events come from. */
  public sealed interface Source {

    /**
     * Kafka topics.
     *
     * @param connection a Kafka connection of the manifest
     */
    record Kafka(String connection, KafkaTriggerOptions options) implements Source {}

    /**
     * Kafka topics as a queue.
     *
     * @param connection a Kafka connection of the manifest
     */
    record Queue(String connection, KafkaQueueOptions options) implements Source {}

    /**
     * Redis pub/sub.
     *
     * @param connection a Redis connection of the manifest
     */
    record PubSub(String connection, PubSubOptions options) implements Source {}

    /**
     * Redis streams.
     *
     * @param connection a Redis connection of the manifest
     */
    record RedisStream(String connection, StreamOptions options) implements Source {}

    /**
     * A Redis list.
     *
     * @param connection a Redis connection of the manifest
     */
    record RedisList(String connection, ListOptions options) implements Source {}

    /** A schedule. */
    record Cron(CronOptions options) implements Source {}

    /** Which events of this source keep their order. */
    default Order order() {
      return switch (this) {
        case Kafka kafka -> kafka.options().order();
        case PubSub pubSub -> pubSub.options().order();
        case RedisStream stream -> stream.options().order();
        case RedisList list -> Order.NONE;
        case Queue queue -> Order.NONE;
        case Cron cron -> Order.NONE;
      };
    }
  }

  /** Where an event goes that failed for good. */
  public sealed interface DeadLetterTo {

    /**
     * Into the worker's store. The default.
     *
     * @param quarantineAfter how many replays put a letter in quarantine, at least 1; default 3
     */
    record Store(int quarantineAfter) implements DeadLetterTo {

      public static final int DEFAULT_QUARANTINE_AFTER = 3;

      /** With the default. */
      public Store() {
        this(DEFAULT_QUARANTINE_AFTER);
      }
    }

    /** To a Kafka topic or a Redis stream. */
    record Sink(Destination destination) implements DeadLetterTo {}

    /** Nowhere: it is dropped and counted. */
    record Drop() implements DeadLetterTo {}
  }
}
