package dev.millrace.triggers.cron;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.triggers.Trigger;
import dev.millrace.triggers.TriggerContext;
import dev.millrace.triggers.TriggerStatus.State;
import dev.millrace.triggers.cron.CronOptions.Missed;
import dev.millrace.triggers.cron.CronOptions.Overlap;
import dev.millrace.triggers.testing.FakeIntake;
import dev.millrace.triggers.testing.FakeSignals;
import dev.millrace.triggers.testing.InMemoryFireLedger;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** With Quartz and the system's clock. */
class CronSchedulerTest {

  private final CronScheduler scheduler = CronScheduler.start();
  private final InMemoryFireLedger ledger = InMemoryFireLedger.create();
  private final FakeSignals signals = new FakeSignals();
  private final List<Trigger> triggers = new ArrayList<>();

  @AfterEach
  void close() {
    triggers.forEach(Trigger::close);
    scheduler.close();
  }

  @Test
  void firesEachSecond() {
    FakeIntake intake = FakeIntake.unbounded().settlingAll();
    Trigger trigger = start("each-second", intake);

    List<Instant> times =
        intake.awaitAccepted(3).stream().map(offered -> offered.event().time()).toList();

    assertEquals(times.getFirst().plusSeconds(1), times.get(1));
    assertEquals(times.getFirst().plusSeconds(2), times.get(2));
    await()
        .atMost(FakeIntake.PATIENCE)
        .until(() -> ledger.recorded("each-second", FireLedger.State.SETTLED).size() >= 3);
    trigger.close();
    assertEquals(State.CLOSED, trigger.status().state());
    assertEquals(List.of(), signals.failures());
  }

  @Test
  void wakesHundredsOfTriggersWithAHandfulOfThreads() {
    FakeIntake intake = FakeIntake.unbounded().settlingAll();
    for (int i = 0; i < 300; i++) {
      start("trigger-" + i, intake);
    }

    await()
        .atMost(FakeIntake.PATIENCE)
        .until(() -> intake.events().stream().map(e -> e.source()).distinct().count() == 300);

    assertEquals(List.of(), signals.failures());
  }

  @Test
  void ringsAllThatAreSetToOneInstantAndNoneThatWasCleared() throws InterruptedException {
    CountDownLatch rang = new CountDownLatch(2);
    AtomicInteger cleared = new AtomicInteger();
    Instant soon = Instant.now().plusMillis(100);
    Alarm far = scheduler.alarm("far", cleared::incrementAndGet);
    far.at(soon.plusSeconds(3600));
    Alarm one = scheduler.alarm("one", rang::countDown);
    Alarm none = scheduler.alarm("none", cleared::incrementAndGet);
    Alarm another = scheduler.alarm("another", rang::countDown);
    List.of(one, none, another).forEach(alarm -> alarm.at(soon));

    none.clear();

    assertTrue(rang.await(10, TimeUnit.SECONDS));
    assertFalse(Instant.now().isBefore(soon), "rang early");
    assertEquals(0, cleared.get());
  }

  @Test
  void anAlarmThatIsSetAgainRingsAtTheNewTimeOnly() throws InterruptedException {
    CountDownLatch rang = new CountDownLatch(1);
    AtomicInteger rings = new AtomicInteger();
    Alarm alarm =
        scheduler.alarm(
            "test",
            () -> {
              rings.incrementAndGet();
              rang.countDown();
            });
    alarm.at(Instant.now().plus(Duration.ofHours(1)));

    alarm.at(Instant.now());

    rang.await();
    assertEquals(1, rings.get());
    alarm.close();
  }

  @Test
  void anAlarmThatIsClearedDoesNotRing() {
    AtomicInteger rings = new AtomicInteger();
    Alarm alarm = scheduler.alarm("test", rings::incrementAndGet);
    alarm.at(Instant.now().plusMillis(300));

    alarm.clear();

    await()
        .during(Duration.ofMillis(700))
        .atMost(FakeIntake.PATIENCE)
        .until(() -> rings.get() == 0);
  }

  private Trigger start(String name, FakeIntake intake) {
    Trigger trigger =
        new CronTriggerFactory(
                CronBench.options("* * * * * ?", Missed.SKIP, Overlap.ALLOW), ledger, scheduler)
            .create(new TriggerContext(name, intake, signals, Clock.systemUTC()));
    triggers.add(trigger);
    trigger.start();
    return trigger;
  }
}
