package dev.millrace.triggers.redis;

import dev.millrace.abi.Event;
import dev.millrace.triggers.Intake;
import dev.millrace.triggers.Order;
import dev.millrace.triggers.SettlementListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.LongConsumer;

/**
 * The messages of a durable trigger: the pump takes them out of the receive queue through the
 * {@link JournaledBacklog} to the intake, and tells it how they ended.
 */
final class DurableFlow implements MessageFlow {

  /**
   * How long messages are collected before the pump looks at them again: they wait for the journal
   * anyway.
   */
  private static final Duration JOURNAL_NAP = Duration.ofMillis(2);

  /** How long they gather before they are received, for the same reason. */
  private static final long PATIENCE_NANOS = Duration.ofMillis(1).toNanos();

  private final Intake intake;
  private final boolean ordered;
  private final ReceiveQueue queue;
  private final JournaledBacklog backlog;
  private final Wakeup wakeup;
  private final Queue<JournaledBacklog.Settled> settlements = new ConcurrentLinkedQueue<>();

  private volatile boolean paused;

  /** Offered, taken and not settled yet. Confined to the pump, as are the next two. */
  private int running;

  /** Whether something was offered or settled since the pump last rested. */
  private boolean busy;

  /** Whether a message waits that the intake does not take now. */
  private boolean full;

  DurableFlow(
      Intake intake, Order order, ReceiveQueue queue, JournaledBacklog backlog, Wakeup wakeup) {
    this.intake = intake;
    this.ordered = order != Order.NONE;
    this.queue = queue;
    this.backlog = backlog;
    this.wakeup = wakeup;
  }

  @Override
  public int receive(Received message) {
    int dropped = queue.add(message);
    wakeup.hint();
    return dropped;
  }

  @Override
  public long patienceNanos() {
    return PATIENCE_NANOS;
  }

  @Override
  public void work() {
    takeSettlements();
    backlog.advance();
    full = offerWhileThereIsRoom();
  }

  /** Returns whether a message waits that the intake does not take now. */
  private boolean offerWhileThereIsRoom() {
    while (!paused) {
      JournaledBacklog.Entry entry = backlog.next();
      if (entry == null) {
        backlog.advance();
        entry = backlog.next();
      }
      if (entry == null) {
        return false;
      }
      if (!offer(entry)) {
        return true;
      }
      running++;
      busy = true;
      backlog.taken();
    }
    return false;
  }

  private boolean offer(JournaledBacklog.Entry entry) {
    Event event = entry.event();
    SettlementListener listener =
        (settled, settlement) -> {
          settlements.add(new JournaledBacklog.Settled(entry, settlement));
          wakeup.hint();
        };
    // A message has no other key than its channel, exact as the source tells it.
    return intake.offer(event, ordered ? event.source() : null, listener);
  }

  private void takeSettlements() {
    List<JournaledBacklog.Settled> settled = new ArrayList<>();
    for (JournaledBacklog.Settled next = settlements.poll();
        next != null;
        next = settlements.poll()) {
      settled.add(next);
    }
    if (!settled.isEmpty()) {
      running -= settled.size();
      busy = true;
      backlog.settled(settled);
    }
  }

  @Override
  public void rest() {
    boolean nap = busy && (!full || running >= MANY_RUNNING);
    busy = false;
    if (nap) {
      wakeup.nap(full ? FULL_NAP : JOURNAL_NAP);
    } else {
      wakeup.await(full || !backlog.trouble().isEmpty() ? FULL_WAIT : IDLE_WAIT);
    }
  }

  /** Paused, it goes on journaling. */
  @Override
  public void pause(boolean now) {
    paused = now;
    wakeup.signal();
  }

  @Override
  public String trouble() {
    return backlog.trouble();
  }

  @Override
  public void close(LongConsumer lost) {
    takeSettlements();
    backlog.close(lost);
  }
}
