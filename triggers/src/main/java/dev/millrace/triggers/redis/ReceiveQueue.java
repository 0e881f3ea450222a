package dev.millrace.triggers.redis;

import dev.millrace.triggers.redis.PubSubOptions.Overflow;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * The messages that were received and wait to be taken: what lets the reader thread never wait.
 *
 * <p>Invariant: no more messages and bytes than the bound, except that an empty queue takes one
 * message of any size. Safe for any thread; never blocks longer than a few instructions.
 */
final class ReceiveQueue {

  private final PubSubOptions.Queue bound;
  private final Overflow overflow;
  private final Deque<Received> waiting = new ArrayDeque<>();
  private long bytes;

  ReceiveQueue(PubSubOptions.Queue bound, Overflow overflow) {
    this.bound = bound;
    this.overflow = overflow;
  }

  /**
   * Adds a message; returns how many messages were dropped to keep the bound, this one or others.
   */
  synchronized int add(Received message) {
    int dropped = 0;
    while (!waiting.isEmpty() && !fits(message)) {
      if (overflow == Overflow.DROP_NEWEST) {
        return 1;
      }
      bytes -= waiting.removeFirst().waitingBytes();
      dropped++;
    }
    waiting.addLast(message);
    bytes += message.waitingBytes();
    return dropped;
  }

  private boolean fits(Received message) {
    return waiting.size() < bound.events() && bytes + message.waitingBytes() <= bound.bytes();
  }

  /** Takes the message that has waited longest; {@code null} if none waits. */
  synchronized @Nullable Received poll() {
    Received message = waiting.pollFirst();
    if (message != null) {
      bytes -= message.waitingBytes();
    }
    return message;
  }

  /**
   * Takes the messages that have waited longest: the one, or a few where many wait, so that who
   * takes and who adds meet less often. They are out of reach of the overflow policy then.
   *
   * @param taken where they are added, in order
   */
  synchronized void pollTo(Deque<Received> taken) {
    int count = Math.clamp(waiting.size() / 16, 1, 64);
    for (int i = 0; i < count && !waiting.isEmpty(); i++) {
      Received message = waiting.removeFirst();
      bytes -= message.waitingBytes();
      taken.addLast(message);
    }
  }

  synchronized int size() {
    return waiting.size();
  }

  synchronized boolean isEmpty() {
    return waiting.isEmpty();
  }
}
