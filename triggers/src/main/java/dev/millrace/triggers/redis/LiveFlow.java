package dev.millrace.triggers.redis;

import dev.millrace.abi.Event;
import dev.millrace.triggers.Intake;
import dev.millrace.triggers.Order;
import dev.millrace.triggers.Settlement;
import dev.millrace.triggers.SettlementListener;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongConsumer;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The messages of a trigger that is not durable. Who receives one offers it at once, behind those
 * that wait in the receive queue: as a rule none does, and a message goes from thread to thread
 * only once. The pump offers what the intake had no room for, when there is room again.
 *
 * <p>All is offered under the queue's monitor, which keeps the order. A settlement is only counted,
 * and told to the pump where the intake was full: a message that is lost with the process has
 * nobody to acknowledge it to.
 */
final class LiveFlow implements MessageFlow, SettlementListener {

  private static final Logger LOG = LoggerFactory.getLogger(LiveFlow.class);

  private final String trigger;
  private final Intake intake;
  private final boolean ordered;
  private final ReceiveQueue queue;
  private final Wakeup wakeup;
  private final Predicate<Received> taker = this::offer;
  private final LongAdder settled = new LongAdder();
  private final LongAdder released = new LongAdder();

  private volatile boolean paused;

  /** The intake has refused the message that waits first, and nothing was settled since. */
  private volatile boolean full;

  /** How many were offered when the pump rested last. Confined to the pump, as is the next one. */
  private long lastOffered;

  private long lastSettled;

  LiveFlow(String trigger, Intake intake, Order order, ReceiveQueue queue, Wakeup wakeup) {
    this.trigger = trigger;
    this.intake = intake;
    this.ordered = order != Order.NONE;
    this.queue = queue;
    this.wakeup = wakeup;
  }

  @Override
  public int receive(Received message) {
    boolean held = isHeld();
    int dropped = held ? queue.add(message) : queue.passOn(message, taker);
    if (held != isHeld()) {
      wakeup.hint(); // what waits is the pump's, or has been let go before this one was added
    }
    return dropped;
  }

  private boolean isHeld() {
    return full || paused;
  }

  private boolean offer(Received message) {
    if (tryOffer(message)) {
      return true;
    }
    // What is settled from here on wakes the pump; what was settled before has made room.
    full = true;
    if (!tryOffer(message)) {
      return false;
    }
    full = false;
    return true;
  }

  private boolean tryOffer(Received message) {
    // A message has no other key than its channel, exact as the source tells it.
    return intake.offer(message, ordered ? message.source() : null, this);
  }

  /** None as long as the workers could run dry meanwhile. */
  @Override
  public long patienceNanos() {
    return running() >= MANY_RUNNING ? FULL_NAP.toNanos() : 0;
  }

  private long running() {
    return queue.passedOn() - settled.sum();
  }

  @Override
  public void settled(Event event, Settlement settlement) {
    settled.increment();
    if (!settlement.acknowledge()) {
      released.increment();
    }
    if (full) {
      full = false;
      wakeup.hint();
    }
  }

  @Override
  public void work() {
    if (!paused) {
      queue.passOn(taker);
    }
  }

  @Override
  public void rest() {
    boolean waits = !paused && !queue.isEmpty();
    long offered = queue.passedOn();
    long ended = settled.sum();
    boolean busy = offered != lastOffered || ended != lastSettled;
    lastOffered = offered;
    lastSettled = ended;
    if (waits && busy && offered - ended >= MANY_RUNNING) {
      wakeup.nap(FULL_NAP);
    } else {
      wakeup.await(waits ? FULL_WAIT : IDLE_WAIT);
    }
  }

  @Override
  public void pause(boolean now) {
    paused = now;
    wakeup.signal();
  }

  @Override
  public String trouble() {
    return "";
  }

  @Override
  public void close(LongConsumer lost) {
    long count = 0;
    while (queue.poll() != null) {
      count++;
    }
    lost.accept(count);
    long unfinished = released.sum();
    if (unfinished > 0) {
      LOG.atWarn()
          .addKeyValue("trigger", trigger)
          .addKeyValue("released", unfinished)
          .log(
              "messages were given back unfinished and are lost, since this trigger is not durable");
    }
  }
}
