package dev.millrace.worker.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

/**
 * Thousands of random histories of one dispatcher, each from a seed. A failure prints its seed and
 * its history; {@code -Dmillrace.simulation.seed=N} runs that one alone, {@code
 * -Dmillrace.simulation.histories=N} runs more of them.
 */
class SimulationTest {

  @Test
  void everyHistoryKeepsEveryPromise() {
    Long only = Long.getLong("millrace.simulation.seed");
    if (only != null) {
      new Simulation(only, Simulation.Break.NONE).run();
      return;
    }
    int histories = Integer.getInteger("millrace.simulation.histories", 3000);
    Simulation.Coverage coverage = new Simulation.Coverage();
    for (long seed = 0; seed < histories; seed++) {
      coverage.add(new Simulation(seed, Simulation.Break.NONE).run());
    }
    assertEquals("", coverage.missing(), "the histories never reached some ending");
  }

  @Test
  void theCheckerSeesAnEventSettledBeforeItsDeadLetterIsStored() {
    assertThrows(AssertionError.class, () -> runUntilBroken(Simulation.Break.SINK_LIES));
  }

  @Test
  void theCheckerSeesOrderLost() {
    assertThrows(AssertionError.class, () -> runUntilBroken(Simulation.Break.LANES_IGNORED));
  }

  @Test
  void theCheckerSeesAnEventForgotten() {
    assertThrows(AssertionError.class, () -> runUntilBroken(Simulation.Break.TIMER_FORGETS));
  }

  @Test
  void theCheckerSeesAPublishAfterTheSettlement() {
    assertThrows(AssertionError.class, () -> runUntilBroken(Simulation.Break.PUBLISHER_LIES));
  }

  @Test
  void theCheckerSeesAnEventLostOutOfTheQueueOfItsKey() {
    assertThrows(AssertionError.class, () -> runUntilBroken(Simulation.Break.KEY_QUEUE_LIES));
  }

  @Test
  void theCheckerSeesAQueueForWhichNobodyComes() {
    assertThrows(AssertionError.class, () -> runUntilBroken(Simulation.Break.KEYS_NOT_PARKED));
  }

  @Test
  void theCheckerSeesAFunctionCalledThroughAnOpenBreaker() {
    assertThrows(AssertionError.class, () -> runUntilBroken(Simulation.Break.TIMER_EARLY));
  }

  @Test
  void theCheckerSeesRetriesBeyondTheBudget() {
    assertThrows(AssertionError.class, () -> runUntilBroken(Simulation.Break.BUDGET_ABSENT));
  }

  @Test
  void theCheckerSeesTooManyEventsWaiting() {
    assertThrows(AssertionError.class, () -> runUntilBroken(Simulation.Break.WAITING_UNBOUNDED));
  }

  private static void runUntilBroken(Simulation.Break fault) {
    for (long seed = 0; seed < 500; seed++) {
      new Simulation(seed, fault).run();
    }
  }
}
