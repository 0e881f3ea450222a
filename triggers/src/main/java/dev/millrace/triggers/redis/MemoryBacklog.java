package dev.millrace.triggers.redis;

import java.util.ArrayDeque;
import java.util.List;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The backlog of a trigger that is not durable: messages wait in the receive queue only. */
final class MemoryBacklog implements Backlog {

  private static final Logger LOG = LoggerFactory.getLogger(MemoryBacklog.class);

  private final String trigger;
  private final ReceiveQueue queue;

  /** Taken out of the queue, and not out of here. */
  private final ArrayDeque<Received> taken = new ArrayDeque<>();

  private @Nullable Entry next;
  private long released;

  MemoryBacklog(String trigger, ReceiveQueue queue) {
    this.trigger = trigger;
    this.queue = queue;
  }

  @Override
  public void advance() {
    if (next == null) {
      if (taken.isEmpty()) {
        queue.pollTo(taken);
      }
      Received message = taken.pollFirst();
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
  public void settled(List<Settled> settled) {
    for (Settled each : settled) {
      if (!each.settlement().acknowledge()) {
        released++;
      }
    }
  }

  @Override
  public String trouble() {
    return "";
  }

  @Override
  public void close(LongConsumer lost) {
    long count = taken.size() + (next == null ? 0L : 1L);
    while (queue.poll() != null) {
      count++;
    }
    taken.clear();
    next = null;
    lost.accept(count);
    if (released > 0) {
      LOG.atWarn()
          .addKeyValue("trigger", trigger)
          .addKeyValue("released", released)
          .log(
              "messages were given back unfinished and are lost, since this trigger is not durable");
    }
  }
}
