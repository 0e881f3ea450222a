package dev.millrace.worker.replay;

import dev.millrace.worker.store.Replays;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Works off the replays that people ask for, one after the other, the oldest first: two at a time
 * could change places within a key. One platform thread, {@code replays}, looks once a second, and
 * ten times a second while there is something to do.
 *
 * <p>Where workers share a store, one of them has the replay, for {@link #LEASE} at a time; another
 * one goes on with it if that one does not renew it.
 */
public final class ReplayPump implements AutoCloseable {

  static final Duration LEASE = Duration.ofSeconds(15);

  private static final Logger LOG = LoggerFactory.getLogger(ReplayPump.class);
  private static final Duration IDLE = Duration.ofSeconds(1);
  private static final Duration BUSY = Duration.ofMillis(100);

  private final ReplaySurroundings around;
  private final String owner = UUID.randomUUID().toString();
  private final Thread thread;

  /** Confined to the thread. */
  private @Nullable ReplayRun run;

  /** Confined to the thread. */
  private Instant renewAt = Instant.MIN;

  private volatile boolean closed;

  public ReplayPump(ReplaySurroundings around) {
    this.around = around;
    this.thread = Thread.ofPlatform().name("replays").daemon().unstarted(this::loop);
  }

  /** Looks from now on. */
  public void start() {
    thread.start();
  }

  private void loop() {
    while (!closed) {
      Duration pause = IDLE;
      try {
        pause = step() ? BUSY : IDLE;
      } catch (RuntimeException e) {
        // The store is away: what was begun is found again by what is in it.
        run = null;
        LOG.atWarn()
            .addKeyValue("reason", String.valueOf(e.getMessage()))
            .log("replays cannot go on; trying again");
      }
      try {
        Thread.sleep(pause);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  /** Does what can be done now; returns whether there is more. */
  boolean step() {
    ReplayRun current = run;
    if (current == null) {
      List<Replays.Replay> asked = around.store().replays().running();
      if (asked.isEmpty() || !claim(asked.getFirst().id())) {
        return false;
      }
      // Read again: another worker may have come further before it let go.
      current =
          around.store().replays().running().stream()
              .filter(replay -> replay.id().equals(asked.getFirst().id()))
              .findFirst()
              .map(replay -> new ReplayRun(replay, owner, around))
              .orElse(null);
      run = current;
    } else if (!around.clock().instant().isBefore(renewAt) && !claim(current.id())) {
      run = null;
      return true;
    }
    if (current != null && !current.step()) {
      run = null;
    }
    return true;
  }

  private boolean claim(String id) {
    Instant now = around.clock().instant();
    renewAt = now.plus(LEASE.dividedBy(3));
    return around
        .store()
        .replays()
        .claim(id, owner, now, now.plus(LEASE))
        .toCompletableFuture()
        .join();
  }

  /** Ends the thread, and lets go of a replay. Blocks for at most five seconds. */
  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      thread.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    letGo();
  }

  /** The next worker need not wait for the lease to end. */
  private void letGo() {
    ReplayRun current = run;
    if (thread.isAlive() || current == null) {
      return;
    }
    try {
      Instant now = around.clock().instant();
      around.store().replays().claim(current.id(), owner, now, now).toCompletableFuture().join();
    } catch (RuntimeException e) {
      LOG.atDebug().setCause(e).log("a replay waits for its lease to end");
    }
  }
}
