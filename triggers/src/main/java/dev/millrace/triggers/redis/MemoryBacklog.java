package dev.millrace.triggers.redis;

import dev.millrace.triggers.Settlement;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** The backlog of a trigger that is not durable: messages wait in the receive queue only. */
final class MemoryBacklog implements Backlog {

  private final ReceiveQueue queue;
  private @Nullable Entry next;

  MemoryBacklog(ReceiveQueue queue) {
    this.queue = queue;
  }

  @Override
  public void advance() {
    if (next == null) {
      Received message = queue.poll();
      next = message == null ? null : new Entry(message, NOT_JOURNALED);
    }
  }

  @Override
  public @Nullable Entry next() {
    return next;
  }

  @Override
  public void taken() {
    next = null;
    advance();
  }

  @Override
  public void settled(Entry entry, Settlement settlement) {
    // The source has forgotten the message long ago, and there is no journal to tell.
  }

  @Override
  public String trouble() {
    return "";
  }

  @Override
  public void close(LongConsumer lost) {
    long count = next == null ? 0 : 1;
    while (queue.poll() != null) {
      count++;
    }
    next = null;
    lost.accept(count);
  }
}
