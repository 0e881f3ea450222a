package dev.millrace.worker.keeping;

import dev.millrace.triggers.Settlement;
import dev.millrace.worker.dispatch.Dispatcher;
import dev.millrace.worker.dispatch.Parking;
import dev.millrace.worker.store.DeadLetters;
import dev.millrace.worker.store.ParkedRetries;
import dev.millrace.worker.store.StoreView;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings parked retries back when they are due, and dead letters that a person replays. One
 * platform thread, {@code parked-retries}, looks once a second; a retry leaves the store only after
 * its settlement. Every ten seconds it counts what is parked, for what other workers do too.
 */
public final class ParkedPump implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ParkedPump.class);
  private static final Duration EVERY = Duration.ofSeconds(1);
  private static final Duration COUNT_EVERY = Duration.ofSeconds(10);
  private static final int AT_ONCE = 100;
  private static final int MOST_HELD = 1000;

  private final ParkedRetries retries;
  private final DeadLetters letters;
  private final Dispatcher dispatcher;
  private final Clock clock;
  private final Thread thread;

  /** Taken and due, but their triggers have no room; confined to the thread. */
  private final List<ParkedRetries.Parked> held = new ArrayList<>();

  /** When to count what is parked again, by the clock; confined to the thread. */
  private Instant countAt = Instant.MIN;

  private final Semaphore wakes = new Semaphore(0);
  private volatile boolean closed;

  public ParkedPump(StoreView store, Dispatcher dispatcher, Clock clock) {
    this.retries = store.parked();
    this.letters = store.deadLetters();
    this.dispatcher = dispatcher;
    this.clock = clock;
    this.thread = Thread.ofPlatform().name("parked-retries").daemon().unstarted(this::loop);
  }

  /** Looks from now on. */
  public void start() {
    thread.start();
  }

  /** Looks at once: something was parked that is due. For any thread. */
  public void wake() {
    wakes.release();
  }

  @SuppressWarnings("CheckReturnValue") // whether it was woken or it was time makes no difference
  private void loop() {
    while (!closed) {
      try {
        wakes.drainPermits();
        count();
        bringBackWhatIsDue();
        wakes.tryAcquire(EVERY.toMillis(), TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) {
        LOG.atWarn()
            .addKeyValue("reason", String.valueOf(e.getMessage()))
            .log("parked retries cannot be read; trying again");
        if (!pauseAfterTrouble()) {
          return;
        }
      }
    }
  }

  private void count() {
    Instant now = clock.instant();
    if (!now.isBefore(countAt)) {
      countAt = now.plus(COUNT_EVERY);
      retries.recount();
    }
  }

  private static boolean pauseAfterTrouble() {
    try {
      Thread.sleep(EVERY);
      return true;
    } catch (InterruptedException e) {
      return false;
    }
  }

  /** Takes what is due, as far as there is room for it. */
  void bringBackWhatIsDue() {
    held.removeIf(this::resume);
    List<ParkedRetries.Parked> due;
    do {
      due = retries.takeDue(clock.instant(), AT_ONCE);
      due.forEach(this::take);
    } while (due.size() == AT_ONCE && held.size() < MOST_HELD && !closed);
  }

  private void take(ParkedRetries.Parked retry) {
    if (!dispatcher.triggers().contains(retry.trigger())) {
      LOG.atWarn()
          .addKeyValue("trigger", retry.trigger())
          .addKeyValue("event", retry.event().id())
          .log("a parked retry stays in the store: the manifest has no such trigger");
    } else if (!resume(retry)) {
      held.add(retry);
    }
  }

  private boolean resume(ParkedRetries.Parked retry) {
    return dispatcher.resume(
        new Parking.Parked(
            retry.trigger(),
            retry.function(),
            retry.event(),
            retry.failedAttempts(),
            retry.receivedAt(),
            retry.dueAt(),
            retry.attempts()),
        (event, settlement) -> settled(retry, settlement));
  }

  private void settled(ParkedRetries.Parked retry, Settlement settlement) {
    if (settlement == Settlement.PARKED) {
      return;
    }
    if (!settlement.acknowledge()) {
      retries.giveBack(retry.id());
      return;
    }
    if (settlement == Settlement.DONE) {
      // A replayed dead letter has the same id; most retries never were one. It goes first: a
      // letter
      // whose event is not parked any more has then failed again.
      forget(retry, letters.remove(List.of(retry.id())));
    }
    forget(retry, retries.remove(retry.id()));
  }

  private static void forget(ParkedRetries.Parked retry, CompletionStage<?> removal) {
    removal.whenComplete(
        (removed, error) -> {
          if (error != null) {
            LOG.atWarn()
                .addKeyValue("event", retry.event().id())
                .addKeyValue("reason", String.valueOf(error.getMessage()))
                .log("a settled retry stays in the store; it will run again after a restart");
          }
        });
  }

  /** Ends the thread. Blocks for at most five seconds. */
  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      thread.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
