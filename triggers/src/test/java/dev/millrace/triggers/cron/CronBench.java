package dev.millrace.triggers.cron;

import dev.millrace.triggers.Trigger;
import dev.millrace.triggers.TriggerContext;
import dev.millrace.triggers.cron.CronOptions.Missed;
import dev.millrace.triggers.cron.CronOptions.Overlap;
import dev.millrace.triggers.testing.FakeIntake;
import dev.millrace.triggers.testing.FakeSignals;
import dev.millrace.triggers.testing.InMemoryFireLedger;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;

/** A worker's surroundings for cron triggers, all of them on the test's thread. */
final class CronBench {

  static final String NAME = "nightly";

  final ManualTime time;
  final FakeIntake intake = FakeIntake.unbounded();
  final FakeSignals signals = new FakeSignals();
  final InMemoryFireLedger ledger;

  private CronBench(ManualTime time, InMemoryFireLedger ledger) {
    this.time = time;
    this.ledger = ledger;
  }

  static CronBench at(String start) {
    return new CronBench(new ManualTime(start), InMemoryFireLedger.create());
  }

  /** Another replica: the same time and rows, an intake of its own. */
  CronBench replica() {
    return new CronBench(time, ledger.replica("second"));
  }

  /** A worker that starts after this one was killed, with nobody to close its triggers. */
  CronBench killedUntil(String instant) {
    return new CronBench(new ManualTime(instant), ledger);
  }

  /** The worker after a restart: the same ledger and time, everything else new. */
  CronBench restarted() {
    return new CronBench(time, ledger);
  }

  static CronOptions options(String schedule, Missed missed, Overlap overlap) {
    return new CronOptions(
        schedule,
        ZoneOffset.UTC,
        missed,
        3,
        overlap,
        Duration.ZERO,
        "{}".getBytes(StandardCharsets.UTF_8),
        "application/json");
  }

  static CronOptions withJitter(CronOptions options, Duration jitter) {
    return new CronOptions(
        options.schedule(),
        options.zone(),
        options.missed(),
        options.missedLimit(),
        options.overlap(),
        jitter,
        options.data(),
        options.dataContentType());
  }

  Trigger trigger(CronOptions options) {
    return new CronTriggerFactory(options, ledger, Runnable::run, time)
        .create(new TriggerContext(NAME, intake, signals, time));
  }

  /** A trigger for every minute of a worker whose clock is ahead, or behind if negative. */
  Trigger startSkewed(Missed missed, Overlap overlap, Duration ahead) {
    Alarm.Maker skewed =
        (name, ring) -> {
          Alarm alarm = time.create(name, ring);
          return new Alarm() {
            @Override
            public void at(Instant when) {
              alarm.at(when.minus(ahead));
            }

            @Override
            public void clear() {
              alarm.clear();
            }

            @Override
            public void close() {
              alarm.close();
            }
          };
        };
    Trigger trigger =
        new CronTriggerFactory(options("* * * * *", missed, overlap), ledger, Runnable::run, skewed)
            .create(new TriggerContext(NAME, intake, signals, Clock.offset(time, ahead)));
    trigger.start();
    return trigger;
  }

  /** A trigger for every minute that is started. */
  Trigger start(Missed missed, Overlap overlap) {
    return start(options("* * * * *", missed, overlap));
  }

  Trigger start(CronOptions options) {
    Trigger trigger = trigger(options);
    trigger.start();
    return trigger;
  }

  /** The hours and minutes of the accepted fires, {@code 10:01}, in their order. */
  List<String> fired() {
    return intake.events().stream().map(event -> clock(event.time())).toList();
  }

  List<String> recorded(FireLedger.State state) {
    return ledger.recorded(NAME, state).stream().map(CronBench::clock).toList();
  }

  private static String clock(Instant instant) {
    return instant.atOffset(ZoneOffset.UTC).toLocalTime().toString();
  }
}
