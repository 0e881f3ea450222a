package dev.millrace.triggers.redis;

import dev.millrace.abi.Event;
import dev.millrace.triggers.Settlement;
import java.util.List;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The received messages between the queue and the intake, in the order in which they are offered.
 * Confined to the trigger's own thread.
 */
interface Backlog {

  /**
   * One message on its way.
   *
   * @param event the message
   * @param sequence its place in the journal, {@link #NOT_JOURNALED} if it has none
   */
  record Entry(Event event, long sequence) {}

  /** How a message that the intake took has ended. */
  record Settled(Entry entry, Settlement settlement) {}

  /** The sequence of a message that is not journaled. */
  long NOT_JOURNALED = -1;

  /**
   * Moves messages on as far as that goes without waiting for anything but a read of the journal.
   */
  void advance();

  /**
   * The next message to offer, the same until {@link #taken}; {@code null} if there is none yet.
   */
  @Nullable Entry next();

  /** The intake took the message that {@link #next} returned. */
  void taken();

  /** A message that the intake took is settled. */
  default void settled(Entry entry, Settlement settlement) {
    settled(List.of(new Settled(entry, settlement)));
  }

  /** Messages that the intake took are settled. The list is not kept. */
  void settled(List<Settled> settled);

  /** What holds the messages up, for a person; empty if nothing does. */
  String trouble();

  /**
   * Brings to safety what can be: nothing more is received or offered. Blocks, but not for ever.
   *
   * @param lost learns how many received messages go down with the process
   */
  void close(LongConsumer lost);
}
