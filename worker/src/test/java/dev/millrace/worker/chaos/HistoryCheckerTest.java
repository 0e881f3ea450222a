package dev.millrace.worker.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The checker must be known to see what it is there to see. */
class HistoryCheckerTest {

  private static final HistoryChecker CHECKER = new HistoryChecker(4, 1, 1000);

  private final History history = new History();

  @Test
  void acceptsAHistoryThatKeepsEveryPromise() {
    effects(0, 1, 2, 3);

    assertEquals(List.of(), CHECKER.check(history));
  }

  @Test
  void seesAMissingEvent() {
    effects(0, 1, 3);

    assertEquals(List.of("1 of 4 events never took effect"), CHECKER.check(history));
  }

  @Test
  void seesOrderLostWithinAKey() {
    effects(0, 3, 1, 2);

    assertEquals(List.of("key k1: 1 first took effect after 3"), CHECKER.check(history));
  }

  @Test
  void acceptsARepetitionOfWhatAKillFoundInFlight() {
    effects(0, 1);
    history.add(new History.Kill(50_000));
    effects(1, 2, 3);

    assertEquals(List.of(), CHECKER.check(history));
  }

  @Test
  void seesMoreRepetitionsThanAKillExplains() {
    effects(0, 1);
    history.add(new History.Kill(50_000));
    effects(0, 1, 2, 3);

    assertEquals(List.of("2 events ran again; at most 1 may"), CHECKER.check(history));
  }

  @Test
  void seesARepetitionWithoutAKill() {
    effects(0, 0, 1, 2, 3);

    assertEquals(List.of("1 events ran again; at most 0 may"), CHECKER.check(history));
  }

  private void effects(int... numbers) {
    for (int number : numbers) {
      history.add(new History.Effect("k" + number % 2, number, number * 1000L));
    }
  }
}
