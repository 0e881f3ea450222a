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
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
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
  private final BiConsumer<Fire, Settlement> settled;
  private final BooleanSupplier requestedOnly;
  private final Jitter jitter;
  private final Backoff refused = new Backoff(Duration.ofMillis(250), Duration.ofSeconds(5));
  private final Backoff released = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(30));
  private @Nullable Instant jitterEnds;
  private String obstacle = "";

  /**
   * @param requestedOnly true while fires of the schedule are held back
   * @param settled called on any thread
   */
  Offers(
      TriggerContext context,
      CronOptions options,
      FireLedger ledger,
      LedgerLink link,
      Fires fires,
      BooleanSupplier requestedOnly,
      BiConsumer<Fire, Settlement> settled) {
    this.context = context;
    this.options = options;
    this.ledger = ledger;
    this.link = link;
    this.fires = fires;
    this.requestedOnly = requestedOnly;
    this.settled = settled;
    this.jitter = new Jitter(options.jitter());
  }

  /** Why the oldest fire waits, when that is neither its jitter nor an earlier fire of ours. */
  String obstacle() {
    return obstacle;
  }

  /** When there is something to do again that no settlement announces. */
  Optional<Instant> wakeAt() {
    return fires.head(requestedOnly.getAsBoolean()).isEmpty()
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
    for (Optional<Fire> head = head(); head.isPresent(); head = head()) {
      Fire fire = head.orElseThrow();
      if (options.overlap() != Overlap.ALLOW && fires.inFlight() > 0) {
        return;
      }
      Instant due = fire.isRequested() ? now : jittered(fire.time());
      if (due.isAfter(now)) {
        jitterEnds = due;
        return;
      }
      if (options.overlap() != Overlap.ALLOW && !firstInLine(fire, now)) {
        return;
      }
      if (!context.intake().offer(event(fire), null, listener(fire))) {
        obstacle = "no room in the worker";
        refused.failed(now);
        return;
      }
      fires.offered(fire);
      refused.succeeded();
      obstacle = "";
    }
  }

  private Optional<Fire> head() {
    return fires.head(requestedOnly.getAsBoolean());
  }

  private Instant jittered(Instant gridTime) {
    return gridTime.plus(jitter.of(context.name(), gridTime));
  }

  private SettlementListener listener(Fire fire) {
    return (event, settlement) -> settled.accept(fire, settlement);
  }

  /**
   * Whether no other replica has an older fire that is not settled. While fires of the schedule are
   * held back, they hold up nobody.
   */
  private boolean firstInLine(Fire fire, Instant now) {
    if (fires.complete()) {
      return true;
    }
    if (!link.ready(now)) {
      return false; // its retry wakes us
    }
    Optional<List<Fire>> open = link.read(() -> ledger.open(context.name()));
    if (open.isEmpty()) {
      return false;
    }
    boolean first =
        fires.unknown(open.orElseThrow()).stream()
            .filter(other -> other.isRequested() || !requestedOnly.getAsBoolean())
            .noneMatch(other -> other.compareTo(fire) < 0);
    if (!first) {
      obstacle = "an earlier fire runs at another replica";
      refused.failed(now);
    }
    return first;
  }

  private DetachedEvent event(Fire fire) {
    Map<String, String> extensions = new TreeMap<>();
    extensions.put("cronschedule", options.schedule());
    extensions.put("cronzone", options.zone().getId());
    if (fire.isRequested()) {
      extensions.put("cronkind", fire.kind().text());
    }
    byte @Nullable [] data = options.data();
    return new DetachedEvent(
        fire.eventId(context.name()),
        "cron:" + context.name(),
        "dev.millrace.cron.fire",
        Optional.empty(),
        fire.time(),
        data == null ? Optional.empty() : Optional.of(options.dataContentType()),
        Optional.empty(),
        extensions,
        null,
        List.of(),
        data);
  }
}
