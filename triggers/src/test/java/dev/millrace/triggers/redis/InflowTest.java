package dev.millrace.triggers.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.triggers.Settlement;
import dev.millrace.triggers.testing.FakeIntake;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How much a loop is let read, and when. */
class InflowTest {

  private static void add(Inflow<String> inflow, String id) {
    inflow
        .handover()
        .add(
            new Handover.Item<>(
                id, DetachedEvent.of(id, "test", "test", Instant.EPOCH, "x"), null));
  }

  @Test
  void readsNoMoreThanABatchAndThanThereIsRoomFor() {
    assertEquals(10, new Inflow<String>(FakeIntake.unbounded(), 10).wanted());
    assertEquals(3, new Inflow<String>(FakeIntake.ofCapacity(3), 10).wanted());
  }

  @Test
  void offersWhatWaitsBeforeItReadsOn() {
    FakeIntake intake = FakeIntake.ofCapacity(2);
    Inflow<String> inflow = new Inflow<>(intake, 10);
    List.of("a", "b", "c").forEach(id -> add(inflow, id));

    int whileFull = inflow.wanted();
    intake.settleHeld(Settlement.DONE);
    int later = inflow.wanted();

    assertEquals(0, whileFull);
    assertEquals(1, later, "there is room for two, and one had been waiting");
    assertEquals(List.of("a", "b", "c"), intake.ids());
  }

  @Test
  void letsNothingInWhilePaused() {
    FakeIntake intake = FakeIntake.unbounded();
    Inflow<String> inflow = new Inflow<>(intake, 10);
    add(inflow, "a");
    inflow.pause(true);

    int whilePaused = inflow.wanted();
    inflow.offer();
    List<String> offered = intake.ids();
    inflow.pause(false);

    assertEquals(0, whilePaused);
    assertEquals(List.of(), offered);
    assertEquals(10, inflow.wanted());
    assertEquals(List.of("a"), intake.ids());
  }
}
