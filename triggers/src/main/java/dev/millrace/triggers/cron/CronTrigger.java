package dev.millrace.triggers.cron;

import dev.millrace.triggers.Settlement;
import dev.millrace.triggers.Trigger;
import dev.millrace.triggers.TriggerContext;
import dev.millrace.triggers.TriggerStatus;
import dev.millrace.triggers.TriggerStatus.State;
import dev.millrace.triggers.cron.CronOptions.Overlap;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fires on a schedule. The alarm only wakes it; which grid times are due is computed from the
 * schedule and the clock, and who fires them is decided by the {@link FireLedger}.
 *
 * <p>Everything runs as tasks in one {@link Mailbox}, and every task ends with the same {@link
 * #step}: claim what is due, offer what waits, record what is settled, set the alarm. Fields
 * without a remark are confined to the mailbox.
 */
final class CronTrigger implements Trigger {

  private static final Logger log = LoggerFactory.getLogger(CronTrigger.class);

  /** Woken so much later than asked, the trigger was not awake in between. */
  private static final Duration ASLEEP = Duration.ofMinutes(1);

  /** With {@code overlap: allow}, so many of the fires that a person asked for wait at a time. */
  private static final int REQUESTS_AT_ONCE = 64;

  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(10);

  private final TriggerContext context;
  private final CronOptions options;
  private final CronSchedule schedule;
  private final FireLedger ledger;
  private final Mailbox mailbox;
  private final Alarm alarm;
  private final LedgerLink link;
  private final Offers offers;
  private final Fires fires = new Fires();
  private final Queue<Fire> toRecord = new ArrayDeque<>();
  private final CountDownLatch ended = new CountDownLatch(1);

  private @Nullable Claims claims;
  private @Nullable Instant armedAt;
  private boolean paused;
  private boolean closing;

  /** Whether a person paused it: the schedule stands still, what is asked for fires. */
  private boolean suspended;

  /** The ledger is to be asked whether it is suspended, and for what others have left behind. */
  private boolean toLookAround = true;

  /** The ledger may have fires that a person asked for. */
  private boolean mayBeRequested = true;

  private FireLedger.Watch watch = () -> {};

  /** Written in the mailbox, read by any thread. */
  private volatile TriggerStatus status;

  CronTrigger(
      TriggerContext context,
      CronOptions options,
      CronSchedule schedule,
      FireLedger ledger,
      Executor threads,
      Alarm.Maker alarms) {
    this.context = context;
    this.options = options;
    this.schedule = schedule;
    this.ledger = ledger;
    this.mailbox = new Mailbox(threads);
    this.alarm = alarms.create(context.name(), () -> post(() -> armedAt = null));
    this.link = new LedgerLink(context, this::post);
    this.offers =
        new Offers(context, options, ledger, link, fires, () -> suspended, this::onSettled);
    this.status = TriggerStatus.of(State.NEW, "", context.clock().instant());
  }

  @Override
  public String name() {
    return context.name();
  }

  @Override
  public void start() {
    Instant start = context.clock().instant();
    post(
        () -> {
          claims =
              new Claims(
                  context,
                  options,
                  schedule,
                  ledger,
                  link,
                  fires,
                  start,
                  () -> !paused && !closing && !suspended);
          watch = ledger.watch(name(), () -> post(() -> toLookAround = true));
          log.atInfo()
              .setMessage("cron trigger started")
              .addKeyValue("trigger", name())
              .addKeyValue("schedule", schedule.text())
              .addKeyValue("zone", schedule.zone())
              .log();
        });
  }

  @Override
  public void pause() {
    post(() -> paused = true);
  }

  /** Grid times that passed during the pause follow {@code missed}, like those of a downtime. */
  @Override
  public void resume() {
    Instant now = context.clock().instant();
    post(
        () -> {
          if (paused && claims != null) {
            claims.missedUpTo(now);
          }
          paused = false;
        });
  }

  @Override
  public TriggerStatus status() {
    return status;
  }

  @Override
  public void close() {
    post(() -> closing = true);
    try {
      if (!ended.await(CLOSE_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
        log.atWarn()
            .setMessage("settled fires could not be recorded; they will fire again")
            .addKeyValue("trigger", name())
            .addKeyValue("reason", status.detail())
            .log();
        mailbox.post(this::end);
      }
    } catch (InterruptedException e) {
      mailbox.post(this::end);
      Thread.currentThread().interrupt();
    }
  }

  private void onSettled(Fire fire, Settlement settlement) {
    post(
        () -> {
          if (settlement.acknowledge()) {
            fires.settled(fire);
            toRecord.add(fire);
            offers.settled(context.clock().instant());
          } else {
            fires.released(fire);
            offers.released(context.clock().instant());
          }
        });
  }

  /** Runs a task and then {@link #step}, in the mailbox. Any thread. */
  private void post(Runnable task) {
    Instant posted = context.clock().instant();
    mailbox.post(
        () -> {
          if (over()) {
            return;
          }
          try {
            noticeSleep(posted);
            task.run();
            step();
          } catch (RuntimeException e) {
            fail(e);
          }
        });
  }

  private boolean over() {
    return status.state() == State.CLOSED || status.state() == State.FAILED;
  }

  /** A suspended machine or a clock set forward: what passed in between is missed. */
  private void noticeSleep(Instant awake) {
    if (claims != null && armedAt != null && awake.isAfter(armedAt.plus(ASLEEP))) {
      log.atWarn()
          .setMessage("woken too late; grid times in between count as missed")
          .addKeyValue("trigger", name())
          .addKeyValue("expected", armedAt)
          .addKeyValue("woken", awake)
          .log();
      armedAt = null;
      claims.missedUpTo(awake);
    }
  }

  private void step() {
    Instant now = context.clock().instant();
    if (claims != null && !paused && !closing) {
      if (lookAround(claims, now)) {
        claims.advance(now);
      }
      takeRequests(claims, now);
      offers.advance(now);
    }
    record(now);
    if (closing && fires.unrecorded() == 0) {
      end();
      return;
    }
    arm(now);
    report(now);
  }

  /** Asks the ledger what others have changed; false while that is to be asked and not known. */
  private boolean lookAround(Claims started, Instant now) {
    if (!toLookAround || started.busy()) {
      return true;
    }
    Optional<Boolean> answer =
        link.ready(now) ? link.read(() -> ledger.paused(name())) : Optional.empty();
    if (answer.isEmpty() || (started.recovered() && !started.takeOver(now))) {
      return false;
    }
    toLookAround = false;
    mayBeRequested = true;
    suspend(started, answer.orElseThrow(), now);
    return true;
  }

  /** Grid times that passed while it was suspended follow {@code missed}. */
  private void suspend(Claims started, boolean suspend, Instant now) {
    if (suspended == suspend) {
      return;
    }
    suspended = suspend;
    if (!suspend) {
      started.missedUpTo(now);
    }
    log.atInfo()
        .setMessage(suspend ? "paused by a person" : "resumed by a person")
        .addKeyValue("trigger", name())
        .log();
  }

  /** Takes what a person asked for when nothing else is to be done, so that it delays nothing. */
  private void takeRequests(Claims started, Instant now) {
    boolean idle = fires.head(suspended).isEmpty() && fires.inFlight() == 0;
    boolean atOnce = options.overlap() == Overlap.ALLOW && fires.waiting() < REQUESTS_AT_ONCE;
    if (!mayBeRequested || !started.recovered() || !(idle || atOnce) || !link.ready(now)) {
      return;
    }
    Optional<List<Fire>> taken =
        link.read(() -> ledger.takeRequests(name(), atOnce ? REQUESTS_AT_ONCE : 1));
    taken.ifPresent(fires::adopt);
    mayBeRequested = taken.isEmpty() || !taken.orElseThrow().isEmpty();
    if (taken.isEmpty()) {
      toLookAround = true; // one may have been taken all the same
      fires.complete(false);
    }
  }

  /** Tells the ledger what is settled. */
  private void record(Instant now) {
    if (!link.ready(now)) {
      return;
    }
    for (Fire fire = toRecord.poll(); fire != null; fire = toRecord.poll()) {
      Fire settled = fire;
      link.ask(
          () -> ledger.settle(name(), settled.time()),
          done -> fires.recorded(settled),
          () -> toRecord.add(settled));
    }
  }

  private void arm(Instant now) {
    boolean awake = claims != null && !paused && !closing;
    Optional<Instant> wake =
        Stream.of(
                awake && !suspended ? claims.upcoming(now) : Optional.<Instant>empty(),
                awake ? offers.wakeAt() : Optional.<Instant>empty(),
                link.retryAt())
            .flatMap(Optional::stream)
            .filter(time -> time.isAfter(now))
            .min(Instant::compareTo);
    if (wake.isEmpty()) {
      armedAt = null;
      alarm.clear();
    } else if (!wake.orElseThrow().equals(armedAt)) {
      armedAt = wake.orElseThrow();
      alarm.at(armedAt);
    }
  }

  private void report(Instant now) {
    State state =
        claims == null
            ? State.NEW
            : paused || suspended
                ? State.PAUSED
                : claims.recovered() ? State.RUNNING : State.CONNECTING;
    report(state, detail(now), now);
  }

  private void report(State state, String detail, Instant now) {
    Instant since = status.state() == state ? status.since() : now;
    status = new TriggerStatus(state, detail, since, OptionalLong.of(fires.waiting()));
  }

  private String detail(Instant now) {
    if (link.trouble().isPresent()) {
      return "fire ledger does not answer (%s); holding the grid times, next try at %s"
          .formatted(
              link.trouble().orElseThrow(), link.retryAt().map(Instant::toString).orElse("once"));
    }
    if (suspended) {
      return "paused by a person; 'millrace cron resume %s' goes on%s"
          .formatted(
              name(), fires.waiting() > 0 ? "; %d fires wait".formatted(fires.waiting()) : "");
    }
    if (fires.waiting() > 0 && !offers.obstacle().isEmpty()) {
      return "%s; %d fires wait in the ledger".formatted(offers.obstacle(), fires.waiting());
    }
    return Optional.ofNullable(claims)
        .flatMap(started -> started.upcoming(now))
        .map(time -> "next fire at " + time)
        .orElse("the schedule has no further times");
  }

  private void end() {
    watch.close();
    if (!over()) {
      alarm.close();
      report(State.CLOSED, "", context.clock().instant());
    }
    ended.countDown();
  }

  private void fail(RuntimeException cause) {
    watch.close();
    alarm.close();
    report(State.FAILED, "failed: " + cause, context.clock().instant());
    ended.countDown();
    context.signals().failed("cron trigger '" + name() + "' cannot go on: " + cause, cause);
  }
}
