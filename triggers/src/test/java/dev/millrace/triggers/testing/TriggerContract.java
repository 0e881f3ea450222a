package dev.millrace.triggers.testing;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.abi.Event;
import dev.millrace.triggers.Settlement;
import dev.millrace.triggers.Trigger;
import dev.millrace.triggers.TriggerContext;
import dev.millrace.triggers.TriggerStatus.State;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * What every trigger does, whatever its source. A trigger's test extends this class and says how to
 * make the trigger and how to make its source produce an event.
 *
 * <p>Each test gets an instance of its own; the source it reads must be its own too (a fresh topic,
 * stream, channel or schedule), so that events of one test are not met in another.
 */
public abstract class TriggerContract {

  /** How long a test watches that nothing happens. */
  protected static final Duration A_WHILE = Duration.ofMillis(700);

  protected final FakeIntake intake = FakeIntake.unbounded();
  protected final FakeSignals signals = new FakeSignals();
  private final List<Trigger> triggers = new ArrayList<>();

  /** Makes the trigger under test; called once or more in a test, always on the same source. */
  protected abstract Trigger create(TriggerContext context) throws Exception;

  /** Makes the source produce exactly one more event. The trigger is running when it is called. */
  protected abstract void produce() throws Exception;

  /** The clock the trigger is given. */
  protected Clock clock() {
    return Clock.systemUTC();
  }

  /** Makes a trigger that is closed after the test, with this test's intake and signals. */
  protected final Trigger trigger() throws Exception {
    Trigger trigger = create(new TriggerContext("orders", intake, signals, clock()));
    triggers.add(trigger);
    return trigger;
  }

  /** Makes and starts a trigger, and waits until it runs. */
  protected final Trigger running() throws Exception {
    Trigger trigger = trigger();
    trigger.start();
    awaitState(trigger, State.RUNNING);
    return trigger;
  }

  protected static void awaitState(Trigger trigger, State state) {
    await("state " + state)
        .atMost(FakeIntake.PATIENCE)
        .until(() -> trigger.status().state() == state);
  }

  /** Fails if so many events are exceeded within a short while. */
  protected final void assertStaysAt(int accepted) {
    await()
        .during(A_WHILE)
        .atMost(A_WHILE.plus(FakeIntake.PATIENCE))
        .until(() -> intake.accepted().size() == accepted);
  }

  @AfterEach
  void closeTriggers() {
    intake.settlingAll();
    for (Trigger trigger : triggers) {
      if (trigger.status().state() != State.CLOSED) {
        trigger.close();
      }
    }
  }

  @Test
  void isNewUntilItIsStarted() throws Exception {
    Trigger trigger = trigger();

    assertEquals(State.NEW, trigger.status().state());
    assertEquals("orders", trigger.name());
  }

  @Test
  void offersWhatItsSourceProduces() throws Exception {
    running();

    produce();
    produce();

    List<Event> events = intake.awaitAccepted(2).stream().map(FakeIntake.Offered::event).toList();
    for (Event event : events) {
      assertFalse(event.id().isEmpty());
      assertFalse(event.source().isEmpty());
      assertFalse(event.type().isEmpty());
      assertTrue(event.size() >= 0);
    }
    assertEquals(2, events.stream().map(Event::id).distinct().count(), "ids tell events apart");
    assertEquals(List.of(), signals.failures());
  }

  @Test
  void saysThatItReachedItsSource() throws Exception {
    running();

    assertFalse(signals.connections().isEmpty());
  }

  @Test
  void offersAnEventOnceHoweverItIsSettled() throws Exception {
    running();
    for (Settlement settlement :
        List.of(Settlement.DONE, Settlement.DEAD_LETTERED, Settlement.PARKED, Settlement.DROPPED)) {
      int before = intake.accepted().size();
      produce();
      intake.awaitAccepted(before + 1);
      intake.settleHeld(settlement);
    }

    assertStaysAt(4);
  }

  @Test
  void bearsASettlementBeforeOfferReturns() throws Exception {
    intake.settlingAll();
    running();

    produce();
    produce();
    produce();

    intake.awaitAccepted(3);
    assertStaysAt(3);
    assertEquals(List.of(), signals.failures());
  }

  @Test
  void holdsAnEventUntilThereIsRoomForIt() throws Exception {
    intake.setCapacity(1);
    running();
    produce();
    FakeIntake.Offered first = intake.awaitAccepted(1).get(0);
    produce();
    assertStaysAt(1);

    first.settle(Settlement.DONE);

    intake.awaitAccepted(2);
    assertEquals(2, intake.ids().stream().distinct().count());
  }

  @Test
  void takesNoEventsWhilePausedAndGoesOnAfterwards() throws Exception {
    intake.settlingAll();
    Trigger trigger = running();
    trigger.pause();
    awaitState(trigger, State.PAUSED);
    assertStaysAt(0);

    trigger.resume();
    awaitState(trigger, State.RUNNING);
    produce();

    intake.awaitAccepted(1);
  }

  @Test
  void offersNothingAfterClose() throws Exception {
    intake.settlingAll();
    Trigger trigger = running();
    produce();
    intake.awaitAccepted(1);

    trigger.close();
    produce();

    assertStaysAt(1);
    assertEquals(State.CLOSED, trigger.status().state());
    assertEquals(List.of(), signals.failures());
  }

  @Test
  void closesWhenItWasNeverStarted() throws Exception {
    Trigger trigger = trigger();

    trigger.close();

    assertEquals(State.CLOSED, trigger.status().state());
  }

  @Test
  void leavesNoThreadBehind() throws Exception {
    // Threads are born in the group of their maker, so that those of a test beside this one do not
    // count.
    ThreadGroup group = new ThreadGroup("leavesNoThreadBehind");
    AtomicReference<Trigger> started = new AtomicReference<>();
    FutureTask<Void> start =
        new FutureTask<>(
            () -> {
              started.set(running());
              return null;
            });
    new Thread(group, start, "starts the trigger").start();
    start.get();

    started.get().close();

    await().atMost(FakeIntake.PATIENCE).until(() -> ownThreads(group), List::isEmpty);
  }

  /** The threads of the trigger, by name, that are alive in a group. */
  private static List<String> ownThreads(ThreadGroup group) {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> group.equals(thread.getThreadGroup()))
        .map(Thread::getName)
        .filter(name -> name.startsWith("trigger-orders"))
        .toList();
  }
}
