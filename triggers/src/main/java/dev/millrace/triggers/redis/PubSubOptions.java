package dev.millrace.triggers.redis;

import dev.millrace.triggers.Order;
import java.util.List;
import java.util.Optional;

/**
 * What a Redis pub/sub trigger listens to.
 *
 * @param channels channel names
 * @param patterns glob patterns, as PSUBSCRIBE takes them
 * @param durable whether a message is journaled before it is offered, so that it survives a crash
 *     of the worker
 * @param order {@code PARTITION} keeps the order within a channel, and so does {@code KEY}, because
 *     a message has no other key
 * @param overflow what happens to a message for which there is no room
 * @param queue how many received messages may wait in memory, and how many bytes they may hold
 * @param journal how many messages the journal may keep for this trigger, and how many bytes, until
 *     received ones wait in the queue; without meaning unless {@code durable}
 * @param oneOf the name under which replicas agree on the one that takes the messages; empty if
 *     each of them takes all
 */
public record PubSubOptions(
    List<String> channels,
    List<String> patterns,
    boolean durable,
    Order order,
    Overflow overflow,
    Queue queue,
    Queue journal,
    Optional<String> oneOf) {

  /** 10,000 messages, 64 MiB. */
  public static final Queue DEFAULT_QUEUE = new Queue(10_000, 64L << 20);

  /** A million messages, 1 GiB. */
  public static final Queue DEFAULT_JOURNAL = new Queue(1_000_000, 1L << 30);

  /** Which replicas of the worker take a message. */
  public enum Fanout {
    /** Each of them. */
    ALL,
    /** One at a time, the same until it goes away. */
    ONE
  }

  /** What happens to a message for which there is no room. Every drop is counted. */
  public enum Overflow {
    /** Drop the message that has waited longest. */
    DROP_OLDEST,
    /** Drop the message that just came. */
    DROP_NEWEST
  }

  /**
   * A bound of waiting messages.
   *
   * @param events at least 1
   * @param bytes at least 1; one message that is larger still passes when no other waits
   */
  public record Queue(int events, long bytes) {

    public Queue {
      if (events < 1 || bytes < 1) {
        throw new IllegalArgumentException(
            "a queue must have room for at least 1 message and 1 byte, not for "
                + events
                + " and "
                + bytes);
      }
    }
  }

  public PubSubOptions {
    channels = List.copyOf(channels);
    patterns = List.copyOf(patterns);
    if (channels.isEmpty() && patterns.isEmpty()) {
      throw new IllegalArgumentException("a Redis trigger needs channels or patterns");
    }
  }

  /** Each replica takes all messages. */
  public PubSubOptions(
      List<String> channels,
      List<String> patterns,
      boolean durable,
      Order order,
      Overflow overflow,
      Queue queue,
      Queue journal) {
    this(channels, patterns, durable, order, overflow, queue, journal, Optional.empty());
  }

  /** The same with {@link #DEFAULT_JOURNAL}. */
  public PubSubOptions(
      List<String> channels,
      List<String> patterns,
      boolean durable,
      Order order,
      Overflow overflow,
      Queue queue) {
    this(channels, patterns, durable, order, overflow, queue, DEFAULT_JOURNAL);
  }

  /** The same options, with one replica taking the messages. */
  public PubSubOptions oneOf(String name) {
    return new PubSubOptions(
        channels, patterns, durable, order, overflow, queue, journal, Optional.of(name));
  }

  /** Durable, in the order of each channel, dropping the oldest, with the default bounds. */
  public static PubSubOptions of(List<String> channels, List<String> patterns) {
    return new PubSubOptions(
        channels, patterns, true, Order.PARTITION, Overflow.DROP_OLDEST, DEFAULT_QUEUE);
  }
}
