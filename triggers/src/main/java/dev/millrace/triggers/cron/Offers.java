package dev.millrace.triggers.cron;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.triggers.Settlement;
import dev.millrace.triggers.SettlementListener;
import dev.millrace.triggers.TriggerContext;
import dev.millrace.triggers.cron.CronOptions.Overlap;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Offers the waiting fires of one trigger to its intake, oldest first: one after another, or all at
 * once with {@code overlap: allow}. Confined to the trigger's mailbox.
 */
final class Offers {

  private final TriggerContext context;
  private final CronOptions options;
  private final FireLedger ledger;
  private final LedgerLink link;
  private final Fires fires;
  private final SettlementListener listener;
  private final Jitter jitter;
  private final Backoff refused = new Backoff(Duration.ofMillis(250), Duration.ofSeconds(5));
  private final Backoff released = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(30));
  private @Nullable Instant jitterEnds;
  private String obstacle = "";

  Offers(
      TriggerContext context,
      CronOptions options,
      FireLedger ledger,
      LedgerLink link,
      Fires fires,
      BiConsumer<Instant, Settlement> settled) {
    this.context = context;
    this.options = options;
    this.ledger = ledger;
    this.link = link;
    this.fires = fires;
    this.listener = (event, settlement) -> settled.accept(event.time(), settlement);
    this.jitter = new Jitter(options.jitter());
  }

  /** Why the oldest fire waits, when that is neither its jitter nor an earlier fire of ours. */
  String obstacle() {
    return obstacle;
  }

  /** When there is something to do again that no settlement announces. */
  Optional<Instant> wakeAt() {
    return fires.waiting() == 0
        ? Optional.empty()
        : Stream.of(Optional.ofNullable(jitterEnds), refused.until(), released.until())
            .flatMap(Optional::stream)
            .max(Instant::compareTo);
  }

  /** The worker gave a fire back; it does not take it again at once. */
  void released(Instant now) {
    released.failed(now);
  }

  /** A fire is done with: there may be room again. */
  void settled(Instant now) {
    refused.succeeded();
    if (released.over(now)) {
      released.succeeded();
    }
  }

  /** Offers what may go now. */
  void advance(Instant now) {
    jitterEnds = null;
    if (!refused.over(now) || !released.over(now)) {
      return;
    }
    for (Optional<Instant> head = fires.head(); head.isPresent(); head = fires.head()) {
      Instant gridTime = head.orElseThrow();
      if (options.overlap() != Overlap.ALLOW && fires.inFlight() > 0) {
        return;
      }
      Instant due = gridTime.plus(jitter.of(context.name(), gridTime));
      if (due.isAfter(now)) {
        jitterEnds = due;
        return;
      }
      if (options.overlap() != Overlap.ALLOW && !firstInLine(gridTime, now)) {
        return;
      }
      if (!context.intake().offer(event(gridTime), null, listener)) {
        obstacle = "no room in the worker";
        refused.failed(now);
        return;
      }
      fires.offered(gridTime);
      refused.succeeded();
      obstacle = "";
    }
  }

  /** Whether no other replica has an older fire that is not settled. */
  private boolean firstInLine(Instant gridTime, Instant now) {
    if (!link.ready(now)) {
      return false; // its retry wakes us
    }
    Optional<List<Instant>> open = link.read(() -> ledger.open(context.name()));
    if (open.isEmpty()) {
      return false;
    }
    boolean first =
        fires.unknown(open.orElseThrow()).stream().noneMatch(time -> time.isBefore(gridTime));
    if (!first) {
      obstacle = "an earlier fire runs at another replica";
      refused.failed(now);
    }
    return first;
  }

  private DetachedEvent event(Instant gridTime) {
    byte @Nullable [] data = options.data();
    return new DetachedEvent(
        "cron:" + context.name() + ":" + gridTime,
        "cron:" + context.name(),
        "dev.millrace.cron.fire",
        Optional.empty(),
        gridTime,
        data == null ? Optional.empty() : Optional.of(options.dataContentType()),
        Optional.empty(),
        Map.of("cronschedule", options.schedule(), "cronzone", options.zone().getId()),
        null,
        List.of(),
        data);
  }
}
