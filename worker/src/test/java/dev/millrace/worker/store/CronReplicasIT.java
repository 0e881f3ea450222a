package dev.millrace.worker.store;

import static java.util.Comparator.naturalOrder;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.abi.Event;
import dev.millrace.triggers.Trigger;
import dev.millrace.triggers.TriggerContext;
import dev.millrace.triggers.cron.CronOptions;
import dev.millrace.triggers.cron.CronOptions.Missed;
import dev.millrace.triggers.cron.CronOptions.Overlap;
import dev.millrace.triggers.cron.CronScheduler;
import dev.millrace.triggers.cron.CronTriggerFactory;
import dev.millrace.triggers.cron.Fire;
import dev.millrace.triggers.cron.FireLedger.State;
import dev.millrace.triggers.testing.FakeIntake;
import dev.millrace.triggers.testing.FakeSignals;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Replicas of one cron trigger that fires each second, over one PostgreSQL: one has a clock that is
 * 2 s ahead, one is killed, and the database is. Each grid time is in the ledger once, and fired.
 */
class CronReplicasIT {

  private static final String NAME = "tick";
  private static final StoreOptions OPTIONS =
      StoreOptions.DEFAULT.withLease(Duration.ofSeconds(2)).withBusyTimeout(Duration.ofMillis(500));

  /** A worker, as far as cron is concerned. */
  private static final class Replica implements AutoCloseable {
    final JdbcStore store;
    final FakeIntake intake = FakeIntake.unbounded();
    final CronScheduler scheduler = CronScheduler.start();
    final Trigger trigger;

    Replica(PostgresAddress address, Clock clock) {
      store = PostgresStore.open(address, OPTIONS, Clock.systemUTC(), PostgresSchema.MIGRATIONS);
      CronOptions everySecond =
          new CronOptions(
              "* * * * * ?",
              ZoneOffset.UTC,
              Missed.ALL,
              1000,
              Overlap.ALLOW,
              Duration.ZERO,
              null,
              "text/plain");
      trigger =
          new CronTriggerFactory(everySecond, store.fireLedger(), scheduler)
              .create(new TriggerContext(NAME, intake, new FakeSignals(), clock));
      trigger.start();
    }

    /** Nothing of it is heard any more, and it says goodbye to nobody. */
    void kill() {
      scheduler.close();
      store.abandon();
    }

    @Override
    public void close() {
      trigger.close();
      scheduler.close();
      store.close();
    }
  }

  @Test
  void fireEachGridTimeOnce() {
    List<FakeIntake> intakes = new ArrayList<>();
    Set<Instant> openAtTheKill = new TreeSet<>();
    try (PostgresServer server = PostgresServer.killable()) {
      PostgresAddress address = server.newDatabase();
      Replica dying = new Replica(address, Clock.systemUTC());
      // Before the others come: the one whose clock is ahead would take almost all.
      await().atMost(Duration.ofSeconds(30)).until(() -> dying.intake.events().size() >= 2);
      try (Replica fast =
              new Replica(address, Clock.offset(Clock.systemUTC(), Duration.ofSeconds(2)));
          Replica third = new Replica(address, Clock.systemUTC())) {
        fast.intake.settlingAll();
        third.intake.settlingAll();
        intakes.addAll(List.of(dying.intake, fast.intake, third.intake));
        await().atMost(Duration.ofSeconds(30)).until(() -> times(fast, third).size() >= 2);

        dying.intake.events().forEach(event -> openAtTheKill.add(event.time()));
        dying.kill();
        await()
            .atMost(Duration.ofSeconds(30))
            .until(() -> times(fast, third).containsAll(openAtTheKill));

        server.kill();
        int before = times(fast, third).size();
        await()
            .atMost(Duration.ofSeconds(30))
            .until(() -> third.store.stats().trouble().isPresent());
        server.restart();
        await().atMost(Duration.ofSeconds(90)).until(() -> times(fast, third).size() >= before + 6);
        check(address, intakes, openAtTheKill);
      }
    }
  }

  private static void check(
      PostgresAddress address, List<FakeIntake> intakes, Set<Instant> openAtTheKill) {
    // The replicas go on: what comes after this moment may be open for good reason.
    Instant last =
        intakes.stream().flatMap(CronReplicasIT::firedBy).max(naturalOrder()).orElseThrow();
    try (StoreView view = PostgresStore.openShared(address, OPTIONS)) {
      Map<Instant, State> recorded =
          await()
              .atMost(Duration.ofSeconds(30))
              .until(
                  () -> view.cron().recorded(NAME, Instant.EPOCH, last),
                  seen -> Set.copyOf(seen.values()).equals(Set.of(State.SETTLED)));
      List<Instant> times = recorded.keySet().stream().sorted().toList();
      for (int i = 1; i < times.size(); i++) {
        assertEquals(times.get(i - 1).plusSeconds(1), times.get(i), "a grid time is missing");
      }
      List<Instant> fired =
          intakes.stream()
              .flatMap(CronReplicasIT::firedBy)
              .filter(time -> !time.isAfter(last))
              .toList();
      assertEquals(times, List.copyOf(new TreeSet<>(fired)));
      assertTrue(fired.size() >= times.size());
      System.out.printf(
          "%d grid times recorded once each; fired %d times, %d of them open at the kill%n",
          times.size(), fired.size(), openAtTheKill.size());
    }
  }

  private static Stream<Instant> firedBy(FakeIntake intake) {
    return intake.events().stream().map(Event::time);
  }

  @Test
  void obeyAPersonThroughTheStore() {
    PostgresAddress address = PostgresServer.database();
    try (Replica one = new Replica(address, Clock.systemUTC());
        Replica other = new Replica(address, Clock.systemUTC());
        StoreView view = PostgresStore.openShared(address, OPTIONS)) {
      one.intake.settlingAll();
      other.intake.settlingAll();
      await().atMost(Duration.ofSeconds(30)).until(() -> !times(one, other).isEmpty());

      StoreFixtures.await(view.cron().pause(NAME, Instant.now()));
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> isPaused(one.trigger) && isPaused(other.trigger));
      List<Fire> past =
          Stream.iterate(Instant.parse("2026-01-01T00:00:00Z"), time -> time.plusSeconds(1))
              .limit(50)
              .map(Fire::backfill)
              .toList();
      Fire byHand = Fire.manual(Instant.now());
      StoreFixtures.await(view.cron().request(NAME, past, false));
      StoreFixtures.await(view.cron().request(NAME, List.of(byHand), false));

      Set<Instant> wanted = new TreeSet<>(past.stream().map(Fire::time).toList());
      await().atMost(Duration.ofSeconds(30)).until(() -> times(one, other).containsAll(wanted));
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> ids(one, other).contains(byHand.eventId(NAME)));
      List<String> ids = ids(one, other);
      assertEquals(ids.size(), Set.copyOf(ids).size(), "something fired twice: " + ids);
    }
  }

  private static boolean isPaused(Trigger trigger) {
    return trigger.status().detail().startsWith("paused by a person");
  }

  private static Set<Instant> times(Replica... replicas) {
    return new TreeSet<>(
        Stream.of(replicas)
            .flatMap(replica -> replica.intake.events().stream())
            .map(Event::time)
            .toList());
  }

  private static List<String> ids(Replica... replicas) {
    return Stream.of(replicas).flatMap(replica -> replica.intake.ids().stream()).toList();
  }
}
