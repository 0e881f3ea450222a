package dev.millrace.triggers.kafka;

import dev.millrace.abi.Event;
import dev.millrace.triggers.Settlement;
import dev.millrace.triggers.SettlementListener;
import org.jspecify.annotations.Nullable;

/**
 * One record's way through the worker: from the poll thread to the intake, and back through the
 * mailbox.
 *
 * <p>It points at the assignment it was received in. A settlement that comes after that assignment
 * has ended finds a partition that nobody reads or commits any more, and does no harm.
 */
class Delivery implements SettlementListener {

  final AssignedPartition partition;
  final long offset;
  final Event event;
  final @Nullable Object lane;
  private final Mailbox mailbox;

  /** Written before the mailbox takes it, read after it gave it back. */
  private @Nullable Settlement settlement;

  /** Owned by the mailbox. */
  @Nullable Delivery below;

  /** How many there were in the mailbox with it. Owned by the mailbox. */
  int height;

  Delivery(
      AssignedPartition partition,
      long offset,
      Event event,
      @Nullable Object lane,
      Mailbox mailbox) {
    this.partition = partition;
    this.offset = offset;
    this.event = event;
    this.lane = lane;
    this.mailbox = mailbox;
  }

  @Override
  public void settled(Event settled, Settlement how) {
    settlement = how;
    mailbox.post(this);
  }

  /** Whether the record's offset may be committed. Only after the mailbox gave it back. */
  boolean isAcknowledged() {
    return settlement != null && settlement.acknowledge();
  }
}
