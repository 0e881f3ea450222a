package dev.millrace.triggers.redis;

import dev.millrace.triggers.redis.PubSubOptions.Overflow;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The messages that were received and wait to be taken: what lets the reader thread never wait.
 *
 * <p>Invariant: no more messages and bytes than the bound, except that an empty queue takes one
 * message of any size. Safe for any thread; never blocks longer than it takes to hand over what
 * waits.
 */
final class ReceiveQueue {

  private final PubSubOptions.Queue bound;
  private final Overflow overflow;
  private final Deque<Received> waiting = new ArrayDeque<>();
  private long bytes;
  private long passedOn;

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

  /**
   * Hands over what waits and then a message that was received, as far as it is taken; adds the
   * message if it is not. Returns how many messages were dropped to keep the bound.
   *
   * @param taker answers whether it takes a message; called under this object's monitor, must not
   *     block
   */
  synchronized int passOn(Received message, Predicate<Received> taker) {
    passOn(taker);
    if (waiting.isEmpty() && taker.test(message)) {
      passedOn++;
      return 0;
    }
    return add(message);
  }

  /** Hands over what waits, in order, as far as it is taken. */
  synchronized void passOn(Predicate<Received> taker) {
    for (Received first = waiting.peekFirst(); first != null; first = waiting.peekFirst()) {
      if (!taker.test(first)) {
        return;
      }
      passedOn++;
      poll();
    }
  }

  /** How many messages were handed over, in all. */
  synchronized long passedOn() {
    return passedOn;
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

  synchronized int size() {
    return waiting.size();
  }

  synchronized boolean isEmpty() {
    return waiting.isEmpty();
  }
}
