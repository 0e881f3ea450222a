package dev.millrace.triggers.redis;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/**
 * Lets one replica of several take the messages that all of them receive: the one with the lease.
 *
 * <p>The others keep what they hear for as long as it could be that the holder is gone or deaf:
 * from its last renewal, less the time after which a dead line is noticed. Whoever takes the lease
 * then takes all of that. So a message is missed by all only if nobody heard it, and is taken twice
 * only around a change.
 *
 * <p>A replica that is not subscribed gives the lease up. Safe for any thread; the lease is
 * confined to the loop's.
 */
final class OneReplica implements LinkLoop.Work {

  private static final Duration LONGEST_WAIT = Duration.ofMillis(500);

  private final String key;
  private final Lease lease;
  private final Duration deafness;
  private final PubSubOptions.Queue bound;
  private final Consumer<Received> taker;
  private final Wakeup wakeup = new Wakeup();

  /** Guarded by this object, as are the next three. */
  private final Deque<Heard> standby = new ArrayDeque<>();

  private long standbyBytes;
  private boolean leading;
  private boolean hearing;

  private record Heard(Received message, long at) {}

  /**
   * A replica that does not lead.
   *
   * @param name what all replicas of the trigger call it, and nobody else
   * @param limit how long the lease holds
   * @param deafness how long a subscription may be dead before that is noticed
   * @param bound how much of what is heard is kept; the latest
   * @param taker takes the messages, one thread at a time; must not block
   */
  OneReplica(
      String name,
      Duration limit,
      Duration deafness,
      PubSubOptions.Queue bound,
      Consumer<Received> taker) {
    this.key = "millrace:fanout:{" + name.replace("}", "") + "}";
    // who it is does not matter here: the first one that comes keeps the lease
    this.lease = new Lease(key, "replica", -1, limit);
    this.deafness = deafness;
    this.bound = bound;
    this.taker = taker;
  }

  /** A message was received. The reader's thread. */
  synchronized void received(Received message) {
    if (leading && standby.isEmpty() && lease.isValid()) {
      taker.accept(message);
      return;
    }
    standby.addLast(new Heard(message, System.nanoTime()));
    standbyBytes += message.waitingBytes();
    while (standby.size() > 1
        && (standby.size() > bound.events() || standbyBytes > bound.bytes())) {
      forgetFirst();
    }
  }

  private void forgetFirst() {
    standbyBytes -= standby.removeFirst().message().waitingBytes();
  }

  /** Whether this replica is subscribed. The reader's thread. */
  synchronized void hears(boolean now) {
    hearing = now;
    wakeup.signal();
  }

  /** For a person; empty while this replica leads. */
  synchronized String detail() {
    return leading ? "" : "stands by: another replica takes the messages";
  }

  @Override
  public String key() {
    return key;
  }

  @Override
  public void wake() {
    wakeup.signal();
  }

  @Override
  public void attach(CommandLink link) {
    wakeup.belongsToThisThread();
  }

  @Override
  public void step(CommandLink link) {
    if (isHearing()) {
      decide(lease.renew(link));
    } else if (stopLeading()) {
      lease.release(link);
    }
    Duration third = lease.limit().dividedBy(3);
    wakeup.await(third.compareTo(LONGEST_WAIT) < 0 ? third : LONGEST_WAIT);
  }

  private synchronized boolean isHearing() {
    return hearing;
  }

  private synchronized boolean stopLeading() {
    boolean led = leading;
    leading = false;
    return led;
  }

  private synchronized void decide(Lease.Hold hold) {
    leading = hold != Lease.Hold.NONE;
    if (leading) {
      while (!standby.isEmpty()) {
        Received message = standby.getFirst().message();
        forgetFirst();
        taker.accept(message);
      }
      return;
    }
    long since = lease.holderRenewedAt() - deafness.toNanos();
    while (!standby.isEmpty() && standby.getFirst().at() - since < 0) {
      forgetFirst();
    }
  }

  @Override
  public void detach(CommandLink link) {
    stopLeading();
    lease.release(link);
  }
}
