package dev.millrace.triggers.kafka;

import dev.millrace.abi.Event;
import dev.millrace.triggers.Settlement;
import dev.millrace.triggers.SettlementListener;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** One record of a queue on its way through the worker. */
final class QueueDelivery implements SettlementListener {

  final Event event;
  private final Thread member;
  private volatile @Nullable Settlement settlement;

  /**
   * A delivery.
   *
   * @param member the thread that waits for its settlement
   */
  QueueDelivery(Event event, Thread member) {
    this.event = event;
    this.member = member;
  }

  @Override
  public void settled(Event settled, Settlement how) {
    settlement = how;
    LockSupport.unpark(member);
  }

  /** Whether the broker may forget the record. Any thread. */
  boolean isAcknowledged() {
    Settlement how = settlement;
    return how != null && how.acknowledge();
  }
}
