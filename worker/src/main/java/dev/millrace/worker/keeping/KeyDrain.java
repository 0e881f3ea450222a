package dev.millrace.worker.keeping;

import dev.millrace.triggers.Settlement;
import dev.millrace.worker.dispatch.Dispatcher;
import dev.millrace.worker.dispatch.KeyQueue;
import dev.millrace.worker.store.KeyQueues;
import dev.millrace.worker.store.KeyQueues.ParkedKey;
import dev.millrace.worker.store.StoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the events of a parked key back, in order, once its dead letter has left the store, and
 * ends the parking when its queue is empty. One batch of a key at a time: the next one is read when
 * every event of the batch has left the store or stays in it. Of the workers that share a store,
 * the one that takes a key first drains it.
 */
public final class KeyDrain implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(KeyDrain.class);
  private static final Duration PERIOD = Duration.ofSeconds(1);
  private static final int KEYS_AT_ONCE = 100;
  private static final int EVENTS_AT_ONCE = 200;

  private record Lane(String trigger, String name) {}

  private record Claim(Lane lane, CompletionStage<Boolean> granted) {}

  private final KeyQueues queues;
  private final Dispatcher dispatcher;
  private final Periodic periodic = new Periodic("parked-keys", PERIOD, this::drainFreed);
  private final Set<Lane> busy = ConcurrentHashMap.newKeySet();

  /** Written by the thread that drains. */
  private volatile Map<String, Long> parked = Map.of();

  public KeyDrain(KeyQueues queues, Dispatcher dispatcher) {
    this.queues = queues;
    this.dispatcher = dispatcher;
  }

  /** Drains what is free, once a second and whenever a batch has ended. */
  public void start() {
    periodic.start();
  }

  /** How many keys of a trigger were parked at the last look, whoever parked them. */
  public long parkedKeys(String trigger) {
    return parked.getOrDefault(trigger, 0L);
  }

  /** Takes each key that is free and has no batch, and begins one. Blocks. */
  void drainFreed() {
    parked = queues.countByTrigger();
    List<Claim> claims = new ArrayList<>();
    for (ParkedKey key : queues.freed(KEYS_AT_ONCE)) {
      Lane lane = new Lane(key.trigger(), key.lane());
      if (dispatcher.triggers().contains(key.trigger()) && busy.add(lane)) {
        claims.add(new Claim(lane, queues.claim(lane.trigger(), lane.name())));
      }
    }
    claims.forEach(this::drain);
  }

  /** The key was free when it was seen; whether it still is, the claim says. */
  private void drain(Claim claim) {
    boolean begun = false;
    try {
      begun = claim.granted().toCompletableFuture().join() && begin(claim.lane());
    } catch (CompletionException | StoreException e) {
      LOG.atWarn()
          .addKeyValue("trigger", claim.lane().trigger())
          .addKeyValue("reason", String.valueOf(e.getMessage()))
          .log("a key that is free stays parked; trying again");
    } finally {
      if (!begun) {
        busy.remove(claim.lane());
      }
    }
  }

  /** Whether a batch is under way now. */
  private boolean begin(Lane lane) {
    List<KeyQueue.Queued> next =
        queues.oldest(lane.trigger(), lane.name(), EVENTS_AT_ONCE).stream()
            .map(each -> new KeyQueue.Queued(each.sequence(), each.event(), each.receivedAt()))
            .toList();
    if (next.isEmpty()) {
      dispatcher.unpark(lane.trigger(), lane.name());
      return false;
    }
    // One more than the events: events may be settled while the others are still handed over.
    AtomicInteger open = new AtomicInteger(next.size() + 1);
    int taken =
        dispatcher.drainKey(
            lane.trigger(),
            lane.name(),
            next,
            (queued, settlement) -> settled(lane, queued, settlement, open));
    left(lane, open, next.size() - taken + 1);
    return true;
  }

  private void settled(
      Lane lane, KeyQueue.Queued queued, Settlement settlement, AtomicInteger open) {
    if (!settlement.acknowledge()) {
      left(lane, open, 1);
      return;
    }
    queues
        .remove(queued.sequence())
        .whenComplete(
            (removed, error) -> {
              if (error != null) {
                LOG.atWarn()
                    .addKeyValue("event", queued.event().id())
                    .addKeyValue("reason", String.valueOf(error.getMessage()))
                    .log("an event stays in the queue of its key and will run again");
              }
              left(lane, open, 1);
            });
  }

  private void left(Lane lane, AtomicInteger open, int count) {
    if (open.addAndGet(-count) == 0) {
      busy.remove(lane);
      periodic.wake();
    }
  }

  /** Ends the thread. Blocks for at most five seconds. */
  @Override
  public void close() {
    periodic.close();
  }
}
