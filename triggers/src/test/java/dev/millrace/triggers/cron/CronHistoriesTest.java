package dev.millrace.triggers.cron;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.triggers.Settlement;
import dev.millrace.triggers.Trigger;
import dev.millrace.triggers.TriggerContext;
import dev.millrace.triggers.cron.CronOptions.Missed;
import dev.millrace.triggers.cron.CronOptions.Overlap;
import dev.millrace.triggers.testing.FakeIntake;
import dev.millrace.triggers.testing.FakeSignals;
import dev.millrace.triggers.testing.InMemoryFireLedger;
import dev.millrace.triggers.testing.InMemoryFireLedger.Health;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Random histories of one replica that has the ledger to itself, or of two on one ledger: kills,
 * pauses, ledger outages, lost answers, full intakes, released events. Whatever happens, each
 * minute ends up in the ledger, settled or skipped.
 */
class CronHistoriesTest {

  private static final String NAME = "nightly";
  private static final Instant START = Instant.parse("2026-01-01T10:00:30Z");
  private static final int HISTORIES = 100;
  private static final int ACTIONS = 60;

  @Test
  void everyGridTimeIsSettledOrSkippedWhateverHappens() {
    long seed = System.nanoTime();
    System.out.println("CronHistoriesTest seed " + seed);
    Random seeds = new Random(seed);
    for (int i = 0; i < HISTORIES; i++) {
      long history = seeds.nextLong();
      new History(history).run();
    }
  }

  private static <T> T one(Random random, T[] of) {
    return of[random.nextInt(of.length)];
  }

  /** One worker process, and those that follow it at the same place. */
  private final class Replica {
    private final History history;
    private final InMemoryFireLedger ledger;
    private final FakeSignals signals = new FakeSignals();
    private FakeIntake intake = FakeIntake.unbounded();
    private Life life;

    Replica(History history, InMemoryFireLedger ledger) {
      this.history = history;
      this.ledger = ledger;
      this.life = new Life();
    }

    /** Runs a trigger until it is killed: from then on none of its tasks runs. */
    private final class Life {
      private final Trigger trigger;
      private boolean killed;

      Life() {
        FakeIntake ours = intake;
        trigger =
            new CronTriggerFactory(
                    history.options,
                    ledger,
                    task -> {
                      if (!killed) {
                        task.run();
                      }
                    },
                    history.time)
                .create(new TriggerContext(NAME, ours, signals, history.time));
      }
    }

    void start() {
      life.trigger.start();
    }

    void killAndRestart() {
      life.killed = true;
      history.noteFired(intake);
      intake = FakeIntake.unbounded();
      life = new Life();
      start();
    }
  }

  private final class History {
    private final long seed;
    private final Random random;
    private final ManualTime time = new ManualTime(START.toString());
    private final InMemoryFireLedger ledger = InMemoryFireLedger.create();
    private final CronOptions options;
    private final List<Replica> replicas;
    private final Set<Instant> fired = new HashSet<>();

    History(long seed) {
      this.seed = seed;
      this.random = new Random(seed);
      this.options =
          new CronOptions(
              "* * * * *",
              ZoneOffset.UTC,
              Missed.ALL,
              1000,
              one(random, Overlap.values()),
              Duration.ofSeconds(random.nextInt(2) * 20L),
              "x".getBytes(StandardCharsets.UTF_8),
              "text/plain");
      this.replicas =
          random.nextBoolean()
              ? List.of(new Replica(this, ledger.alone()))
              : List.of(new Replica(this, ledger), new Replica(this, ledger.replica("b")));
    }

    void noteFired(FakeIntake intake) {
      intake.events().forEach(event -> fired.add(event.time()));
    }

    void run() {
      replicas.forEach(Replica::start);
      time.advance(Duration.ofMinutes(1));
      for (int i = 0; i < ACTIONS; i++) {
        act(replicas.get(random.nextInt(replicas.size())));
      }
      calmDown();
      check();
    }

    private void act(Replica replica) {
      switch (random.nextInt(10)) {
        case 0 -> replica.killAndRestart();
        case 1 -> replica.life.trigger.pause();
        case 2 -> replica.life.trigger.resume();
        case 3 -> replica.ledger.health(one(random, Health.values()));
        case 4 -> replica.ledger.health(Health.GOOD);
        case 5 -> replica.intake.setCapacity(random.nextInt(3));
        case 6 -> replica.intake.settleHeld(event -> random.nextBoolean(), Settlement.RELEASED);
        case 7 -> replica.intake.settleHeld(event -> random.nextBoolean(), Settlement.DONE);
        default -> time.advance(Duration.ofSeconds(random.nextInt(150)));
      }
    }

    private void calmDown() {
      for (Replica replica : replicas) {
        replica.ledger.health(Health.GOOD);
        replica.intake.setCapacity(Integer.MAX_VALUE);
        replica.intake.settlingAll();
        replica.intake.settleHeld(Settlement.DONE);
        replica.life.trigger.resume();
      }
      time.advance(Duration.ofMinutes(15));
    }

    private void check() {
      replicas.forEach(replica -> noteFired(replica.intake));
      String what = options.overlap() + ", " + replicas.size() + " replicas, history " + seed;
      List<Instant> minutes =
          CronSchedule.parse(options.schedule(), options.zone())
              .between(START, time.instant())
              .toList();
      assertEquals(minutes, List.copyOf(ledger.recorded(NAME).keySet()), what);
      Set<Instant> open = new HashSet<>(ledger.recorded(NAME, FireLedger.State.OPEN));
      open.remove(minutes.getLast()); // may still wait for its jitter
      assertEquals(Set.of(), open, what);
      assertTrue(fired.containsAll(ledger.recorded(NAME, FireLedger.State.SETTLED)), what);
      ledger
          .recorded(NAME, FireLedger.State.SKIPPED)
          .forEach(minute -> assertTrue(!fired.contains(minute), () -> what + ": " + minute));
      replicas.forEach(replica -> assertEquals(List.of(), replica.signals.failures(), what));
    }
  }
}
