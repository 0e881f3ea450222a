package dev.millrace.worker.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whether a second thread is woken for events that one thread is soon done with. */
class QuickEventsTest {

  private final OneTrigger trigger = new OneTrigger();
  private boolean quick = true;
  private boolean alone = true;

  @BeforeEach
  void twoAtOnce() {
    trigger.concurrency = 2;
    trigger.turn = 4;
    trigger.threads = function -> new SomeTurns();
  }

  @Test
  void oneTurnIsEnoughForQuickEvents() {
    for (int i = 0; i < 3; i++) {
      trigger.offer("e" + i);
    }
    assertEquals(1, trigger.workers.size());

    trigger.runAll();

    assertEquals(List.of("e0", "e1", "e2"), trigger.ran);
    assertEquals(0, trigger.workers.size());
  }

  @Test
  void eachEventGetsATurnWhereTheyAreNotQuick() {
    quick = false;

    trigger.offer("e0");
    trigger.offer("e1");
    trigger.offer("e2");

    assertEquals(2, trigger.workers.size(), "as many as may run at once");
  }

  @Test
  void aTurnCallsForHelpWhenItDoesNotComeToAnEnd() {
    trigger.script =
        invocation -> {
          if (invocation.event().id().equals("e4")) {
            assertEquals(1, trigger.workers.size(), "another turn is on its way");
          }
          return OneTrigger.DONE;
        };
    for (int i = 0; i < 6; i++) {
      trigger.offer("e" + i);
    }

    trigger.runAll();

    assertEquals(6, trigger.settled.size());
  }

  @Test
  void aTurnGivesItsThreadBackWhenSomebodyWaitsForIt() {
    alone = false;
    trigger.concurrency = 1;
    for (int i = 0; i < 6; i++) {
      trigger.offer("e" + i);
    }

    trigger.workers.runNext();

    assertEquals(4, trigger.ran.size());
    assertEquals(1, trigger.workers.size());
  }

  @Test
  void whatWaitsBehindAnEventThatIsNotQuickGetsATurnAfterAMoment() {
    trigger.concurrency = 3;
    trigger.script =
        invocation -> {
          if (invocation.event().id().equals("e0")) {
            trigger.offer("e1");
            assertEquals(0, trigger.workers.size());
            trigger.timer.advance(Duration.ofMillis(10));
            assertEquals(1, trigger.workers.size(), "e1 need not wait for e0");
            trigger.timer.advance(Duration.ofMillis(10));
            assertEquals(2, trigger.workers.size(), "nor for whatever that turn met");
            trigger.timer.advance(Duration.ofMillis(50));
            assertEquals(2, trigger.workers.size(), "there are no more places");
          }
          return OneTrigger.DONE;
        };
    trigger.offer("e0");

    trigger.runAll();

    assertEquals(2, trigger.settled.size());
  }

  private final class SomeTurns implements Workers.Turns {
    @Override
    public void execute(Runnable turn) {
      trigger.workers.execute(turn);
    }

    @Override
    public boolean over() {
      return false;
    }

    @Override
    public boolean alone() {
      return alone;
    }

    @Override
    public boolean quick() {
      return quick;
    }
  }
}
