package dev.millrace.triggers.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.abi.Event;
import dev.millrace.triggers.Intake;
import dev.millrace.triggers.Order;
import dev.millrace.triggers.Settlement;
import dev.millrace.triggers.SettlementListener;
import dev.millrace.triggers.redis.PubSubOptions.Overflow;
import dev.millrace.triggers.testing.FakeIntake;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LiveFlowTest {

  private static final PubSubOptions.Queue BOUND = new PubSubOptions.Queue(100_000, 1L << 30);

  private final AtomicBoolean over = new AtomicBoolean();
  private @Nullable Thread pump;
  private Wakeup wakeup = new Wakeup();

  private LiveFlow flow(Intake intake, PubSubOptions.Queue bound) {
    return new LiveFlow(
        "orders", intake, Order.NONE, new ReceiveQueue(bound, Overflow.DROP_OLDEST), wakeup);
  }

  private void startPump(LiveFlow flow) {
    over.set(false);
    pump =
        Thread.ofPlatform()
            .start(
                () -> {
                  wakeup.belongsToThisThread();
                  while (!over.get()) {
                    flow.work();
                    flow.rest();
                  }
                });
  }

  @AfterEach
  void endPump() throws InterruptedException {
    if (pump != null) {
      over.set(true);
      wakeup.signal();
      assertTrue(pump.join(Duration.ofSeconds(10)));
    }
  }

  private static List<String> ids(long first, long end) {
    return LongStream.range(first, end).mapToObj(i -> Messages.of(i).id()).toList();
  }

  /** Says where it went wrong, not all that was right. */
  private static void assertInOrder(int count, List<String> taken) {
    for (int i = 0; i < Math.min(count, taken.size()); i++) {
      assertEquals(Messages.of(i).id(), taken.get(i));
    }
    assertEquals(count, taken.size());
  }

  @Test
  void offersAtOnceWithoutThePump() {
    FakeIntake intake = FakeIntake.unbounded();
    LiveFlow flow = flow(intake, BOUND);

    for (int i = 0; i < 3; i++) {
      assertEquals(0, flow.receive(Messages.of(i)));
    }

    assertEquals(ids(0, 3), intake.ids());
  }

  @Test
  void keepsWhatTheIntakeHasNoRoomForAndDropsBeyondTheBound() {
    FakeIntake intake = FakeIntake.ofCapacity(2);
    LiveFlow flow = flow(intake, new PubSubOptions.Queue(2, 1000));

    int dropped = 0;
    for (int i = 0; i < 6; i++) {
      dropped += flow.receive(Messages.of(i));
    }
    List<String> first = intake.ids();
    intake.settleHeld(Settlement.DONE);
    flow.work();

    assertEquals(2, dropped);
    assertEquals(ids(0, 2), first);
    assertEquals(
        List.of(Messages.of(0).id(), Messages.of(1).id(), Messages.of(4).id(), Messages.of(5).id()),
        intake.ids());
  }

  @Test
  void offersNothingWhilePausedAndThenInOrder() {
    FakeIntake intake = FakeIntake.unbounded();
    LiveFlow flow = flow(intake, BOUND);
    flow.pause(true);
    flow.receive(Messages.of(0));
    flow.work();
    List<String> whilePaused = intake.ids();
    flow.pause(false);
    flow.receive(Messages.of(1));

    assertEquals(List.of(), whilePaused);
    assertEquals(ids(0, 2), intake.ids());
  }

  @Test
  void tellsWhatGoesDownWithTheProcess() {
    FakeIntake intake = FakeIntake.ofCapacity(1);
    LiveFlow flow = flow(intake, BOUND);
    for (int i = 0; i < 4; i++) {
      flow.receive(Messages.of(i));
    }

    List<Long> lost = new ArrayList<>();
    flow.close(lost::add);

    assertEquals(List.of(3L), lost);
  }

  @Test
  void letsMessagesGatherOnlyWhileWorkersHaveEnoughToDo() {
    FakeIntake intake = FakeIntake.unbounded();
    LiveFlow flow = flow(intake, BOUND);
    for (int i = 0; i < MessageFlow.MANY_RUNNING - 1; i++) {
      flow.receive(Messages.of(i));
    }
    long few = flow.patienceNanos();
    flow.receive(Messages.of(MessageFlow.MANY_RUNNING));
    long many = flow.patienceNanos();
    intake.settleHeld(Settlement.DONE);

    assertEquals(0, few);
    assertEquals(MessageFlow.FULL_NAP.toNanos(), many);
    assertEquals(0, flow.patienceNanos());
  }

  /** The pump rests for half a second if nobody wakes it: a lost wake-up for each is too slow. */
  @Test
  void aSettlementWakesThePumpForWhatWaits() throws InterruptedException {
    Workers workers = new Workers(1, 1);
    LiveFlow flow = flow(workers, BOUND);
    startPump(flow);

    for (int i = 0; i < 2000; i++) {
      flow.receive(Messages.of(i));
    }

    assertInOrder(2000, workers.take(2000));
    workers.stop();
  }

  @Test
  void keepsTheOrderWhoeverOffers() throws InterruptedException {
    for (int round = 0; round < 20; round++) {
      Workers workers = new Workers(1 + round * 13, 2);
      wakeup = new Wakeup();
      LiveFlow flow = flow(workers, BOUND);
      startPump(flow);

      for (int i = 0; i < 20_000; i++) {
        assertEquals(0, flow.receive(Messages.of(i)));
        if (i % 5000 == 2500) {
          flow.pause(true);
        } else if (i % 5000 == 2600) {
          flow.pause(false);
        }
      }

      assertInOrder(20_000, workers.take(20_000));
      workers.stop();
      endPump();
    }
  }

  /** An intake with so much room, and threads that settle what it took. */
  private static final class Workers implements Intake {
    private final Semaphore room;
    private final LinkedBlockingQueue<Runnable> running = new LinkedBlockingQueue<>();
    private final ConcurrentLinkedQueue<String> taken = new ConcurrentLinkedQueue<>();
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean over;

    Workers(int room, int threads) {
      this.room = new Semaphore(room);
      for (int i = 0; i < threads; i++) {
        this.threads.add(Thread.ofPlatform().start(this::work));
      }
    }

    private void work() {
      try {
        while (!over) {
          Runnable next = running.poll(10, TimeUnit.MILLISECONDS);
          if (next != null) {
            next.run();
          }
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public boolean offer(Event event, @Nullable Object lane, SettlementListener listener) {
      if (!room.tryAcquire()) {
        return false;
      }
      taken.add(event.id());
      running.add(
          () -> {
            room.release();
            listener.settled(event, Settlement.DONE);
          });
      return true;
    }

    @Override
    public int room() {
      return room.availablePermits();
    }

    /** Waits for so many. */
    List<String> take(int count) throws InterruptedException {
      for (int i = 0; i < 3000 && taken.size() < count; i++) {
        Thread.sleep(10);
      }
      return List.copyOf(taken);
    }

    void stop() throws InterruptedException {
      over = true;
      for (Thread thread : threads) {
        thread.join();
      }
    }
  }
}
