package dev.millrace.triggers.cron;

import dev.millrace.triggers.TriggerContext;
import dev.millrace.triggers.cron.CronOptions.Overlap;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records the grid times of one trigger in the ledger as they come due, in order, and hands those
 * that this worker won to its {@link Fires}. Confined to the trigger's mailbox.
 *
 * <p>An open claim waits for the one before it, so that the ledger's latest grid time never hides
 * one that was to fire. A failed claim ends the round; the next round starts at the same grid time.
 */
final class Claims {

  private static final Logger log = LoggerFactory.getLogger(Claims.class);

  /** So many grid times are claimed before the clock is looked at again. */
  private static final int ROUND = 64;

  /** At a grid time, the fires of workers that are gone are looked for at most this often. */
  private static final Duration TAKE_OVER = Duration.ofSeconds(30);

  /** With so many fires waiting, further grid times are left on the clock until there is space. */
  static final int MOST_WAITING = 10_000;

  private final TriggerContext context;
  private final CronOptions options;
  private final CronSchedule schedule;
  private final FireLedger ledger;
  private final LedgerLink link;
  private final Fires fires;
  private final BooleanSupplier scheduling;

  private final Deque<Claim> round = new ArrayDeque<>();
  private String skipReason = "";
  private int asked;
  private int skipped;
  private boolean failed;

  /** Grid times up to here are recorded; {@code null} until the ledger was read. */
  private @Nullable Instant cursor;

  /** The first grid time after the cursor, found once. */
  private Optional<Instant> next = Optional.empty();

  /** The first grid time that was still to come while the one above was due; found once. */
  private Optional<Instant> later = Optional.empty();

  private Instant takeOverAt = Instant.MIN;

  /** Grid times up to here passed while nobody was awake to claim them. */
  private Instant missedUpTo;

  /**
   * @param start grid times up to here are missed ones
   * @param scheduling false while, or once, nothing new is to be claimed
   */
  Claims(
      TriggerContext context,
      CronOptions options,
      CronSchedule schedule,
      FireLedger ledger,
      LedgerLink link,
      Fires fires,
      Instant start,
      BooleanSupplier scheduling) {
    this.context = context;
    this.options = options;
    this.schedule = schedule;
    this.ledger = ledger;
    this.link = link;
    this.fires = fires;
    this.missedUpTo = start;
    this.scheduling = scheduling;
  }

  /** Treats the unclaimed grid times up to an instant as missed ones. */
  void missedUpTo(Instant instant) {
    if (instant.isAfter(missedUpTo)) {
      missedUpTo = instant;
    }
  }

  /** Whether the ledger was read, and the trigger knows where it stands. */
  boolean recovered() {
    return cursor != null;
  }

  /** Whether claims are on their way. */
  boolean busy() {
    return asked > 0 || !round.isEmpty();
  }

  /** The first grid time that is still to come. */
  Optional<Instant> upcoming(Instant now) {
    if (next.isPresent() && !next.orElseThrow().isAfter(now)) {
      if (later.isEmpty() || !later.orElseThrow().isAfter(now)) {
        later = schedule.next(now);
      }
      return later;
    }
    return next.or(() -> schedule.next(now));
  }

  /** Claims what is due, unless claims are on their way or the ledger is backed off from. */
  void advance(Instant now) {
    if (busy() || !link.ready(now)) {
      return;
    }
    if ((cursor == null && !recover(now)) || !scheduling.getAsBoolean()) {
      return;
    }
    if (next.isEmpty() || next.orElseThrow().isAfter(now)) {
      return;
    }
    if ((fires.complete() || now.isBefore(takeOverAt) || takeOver(now))
        && plan(next.orElseThrow(), now)) {
      proceed();
    }
  }

  private boolean recover(Instant now) {
    Optional<Optional<Instant>> latest = link.read(() -> ledger.latest(context.name()));
    if (latest.isEmpty() || !takeOver(now)) {
      return false;
    }
    if (fires.waiting() > 0) {
      log.atInfo()
          .setMessage("firing again what was not settled before")
          .addKeyValue("trigger", context.name())
          .addKeyValue("fires", fires.waiting())
          .log();
    }
    moveTo(latest.orElseThrow().orElse(missedUpTo));
    return true;
  }

  /** Fetches the fires of workers that are gone, and our own whose claim seemed to have failed. */
  boolean takeOver(Instant now) {
    Optional<List<Fire>> open = link.read(() -> ledger.takeOver(context.name()));
    if (open.isPresent()) {
      fires.adopt(open.orElseThrow());
      fires.complete(ledger.exclusive());
      takeOverAt = now.plus(TAKE_OVER);
    }
    return open.isPresent();
  }

  private void moveTo(Instant instant) {
    cursor = instant;
    next = schedule.next(instant);
  }

  private boolean plan(Instant first, Instant now) {
    return first.isAfter(missedUpTo) ? planDue(first, now) : planMissed(first, now);
  }

  private boolean planMissed(Instant first, Instant now) {
    Instant upTo = missedUpTo.isAfter(now) ? now : missedUpTo;
    List<Claim> claims = Claim.missed(schedule, options, first.minusMillis(1), upTo);
    Instant oldest = claims.getFirst().gridTime();
    if (first.isBefore(oldest)) {
      context.signals().gap(first, oldest, "more missed grid times than are recorded one by one");
      moveTo(oldest.minusMillis(1));
    }
    log.atInfo()
        .setMessage("grid times were missed")
        .addKeyValue("trigger", context.name())
        .addKeyValue("from", oldest)
        .addKeyValue("to", claims.getLast().gridTime())
        .addKeyValue("firing", claims.stream().filter(Claim::isOpen).count())
        .addKeyValue("skipping", claims.stream().filter(claim -> !claim.isOpen()).count())
        .log();
    skipReason = "missed";
    round.addAll(claims);
    return true;
  }

  private boolean planDue(Instant first, Instant now) {
    int space = Math.clamp(MOST_WAITING - fires.waiting(), 0, ROUND);
    List<Instant> times =
        Stream.concat(Stream.of(first), schedule.between(first, now)).limit(space).toList();
    int mayOpen = times.size();
    if (options.overlap() == Overlap.SKIP) {
      Optional<Boolean> busy = unsettledAnywhere();
      if (busy.isEmpty()) {
        return false;
      }
      mayOpen = busy.orElseThrow() ? 0 : 1;
    }
    skipReason = "overlap";
    round.addAll(Claim.due(times, mayOpen));
    return true;
  }

  /** Whether an earlier fire is not settled, here or at another replica; empty if unknown. */
  private Optional<Boolean> unsettledAnywhere() {
    if (fires.unsettled() || fires.complete()) {
      return Optional.of(fires.unsettled());
    }
    return link.read(
        () ->
            fires.unknown(ledger.open(context.name())).stream()
                .anyMatch(Fires::holdsUpTheSchedule));
  }

  /** Asks for the round's next claims: all up to the first open one, or that one alone. */
  private void proceed() {
    if (round.isEmpty() || !scheduling.getAsBoolean()) {
      round.clear();
      return;
    }
    List<Claim> batch = new ArrayList<>();
    do {
      batch.add(round.remove());
    } while (!batch.getLast().isOpen() && !round.isEmpty() && !round.peek().isOpen());
    asked = batch.size();
    failed = false;
    skipped = 0;
    Instant last = batch.getLast().gridTime();
    for (Claim claim : batch) {
      link.ask(
          () -> ledger.claim(context.name(), claim.gridTime(), claim.state()),
          won -> answered(claim, won, last),
          () -> {
            failed = true;
            finished(last);
          });
    }
  }

  private void answered(Claim claim, boolean won, Instant last) {
    if (won && claim.isOpen()) {
      fires.adopt(List.of(Fire.scheduled(claim.gridTime())));
    } else if (won) {
      skipped++;
    }
    finished(last);
  }

  private void finished(Instant last) {
    if (--asked > 0) {
      return;
    }
    if (skipped > 0) {
      context.signals().dropped(skipped, skipReason);
    }
    if (failed) {
      fires.complete(false); // a claim may have been recorded all the same
      takeOverAt = Instant.MIN;
      round.clear();
      return;
    }
    moveTo(last);
    proceed();
  }
}
