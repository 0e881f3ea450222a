package dev.millrace.triggers.redis;

import dev.millrace.triggers.Order;
import java.util.List;

/**
 * What a Redis pub/sub trigger listens to.
 *
 * @param channels channel names
 * @param patterns glob patterns, as PSUBSCRIBE takes them
 * @param durable whether a message is journaled before it is offered, so that it survives a crash
 *     of the worker
 * @param order {@code PARTITION} keeps the order within a channel
 * @param overflow what happens to a message for which there is no room
 * @param queue how many received messages may wait, and how many bytes they may hold
 */
public record PubSubOptions(
    List<String> channels,
    List<String> patterns,
    boolean durable,
    Order order,
    Overflow overflow,
    Queue queue) {

  /** What happens to a message for which there is no room. Every drop is counted. */
  public enum Overflow {
    /** Drop the message that has waited longest. */
    DROP_OLDEST,
    /** Drop the message that just came. */
    DROP_NEWEST
  }

  /**
   * The bound of the waiting messages.
   *
   * @param events at least 1
   * @param bytes at least 1
   */
  public record Queue(int events, long bytes) {}

  public PubSubOptions {
    channels = List.copyOf(channels);
    patterns = List.copyOf(patterns);
    if (channels.isEmpty() && patterns.isEmpty()) {
      throw new IllegalArgumentException("a Redis trigger needs channels or patterns");
    }
  }
}
