package dev.millrace.worker.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.millrace.worker.chaos.History.Account;
import dev.millrace.worker.chaos.History.Commit;
import dev.millrace.worker.chaos.History.Disturbance;
import dev.millrace.worker.chaos.History.Effect;
import dev.millrace.worker.chaos.History.Exit;
import dev.millrace.worker.chaos.History.Expected;
import dev.millrace.worker.chaos.History.Letter;
import dev.millrace.worker.chaos.History.Sent;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The checker must be known to see what it is there to see: for each promise there is a history
 * that breaks it.
 */
class HistoryCheckerTest {

  private static final HistoryChecker CHECKER = new HistoryChecker(1, 1000);

  private final History history = new History();

  /** Four events that must succeed, at offsets 10 to 13. */
  @BeforeEach
  void sendFourEvents() {
    for (int number = 0; number < 4; number++) {
      history.add(new Sent(key(number), number, 0, 10 + number, Expected.EFFECT, "00"));
    }
  }

  @Test
  void acceptsAHistoryThatKeepsEveryPromise() {
    history.add(new Sent("k0", 4, 0, 14, Expected.LETTER, "ff"));
    effects(0, 1, 2, 3);
    history.add(new Letter("t/14", "k0", 4, "REJECTED", "ff", 4000));
    history.add(new Commit(0, 12, 1500));
    history.add(new Commit(0, 15, 5000));
    history.add(new Account("a", 5, 3, 1, 0, 0, 1));
    history.add(new Account("a", 5, 4, 1, 0, 0, 0));
    history.add(new Exit("a", 0));

    assertViolations();
  }

  @Test
  void seesALostEvent() {
    effects(0, 1, 3);

    assertViolations("event 2 is lost");
  }

  @Test
  void seesADeadLetterOfAnEventThatMustSucceed() {
    effects(0, 1, 3);
    history.add(new Letter("t/12", "k0", 2, "TIMEOUT", "00", 2000));

    assertViolations("event 2 must succeed and has a dead letter");
  }

  @Test
  void seesAnEffectOfAnEventThatMustFail() {
    history.add(new Sent("k0", 4, 0, 14, Expected.LETTER, "ff"));
    effects(0, 1, 2, 3, 4);

    assertViolations("event 4 must fail and has an effect");
  }

  @Test
  void seesADeadLetterWithOtherBytes() {
    history.add(new Sent("k0", 4, 0, 14, Expected.LETTER, "ff"));
    effects(0, 1, 2, 3);
    history.add(new Letter("t/14", "k0", 4, "REJECTED", "fe", 4000));

    assertViolations("the dead letter of 4 has other bytes");
  }

  @Test
  void seesTwoDeadLettersOfOneEvent() {
    history.add(new Sent("k0", 4, 0, 14, Expected.LETTER, "ff"));
    effects(0, 1, 2, 3);
    history.add(new Letter("t/14", "k0", 4, "REJECTED", "ff", 4000));
    history.add(new Disturbance("kill", 4500, 4500));
    history.add(new Letter("t/15", "k0", 4, "REJECTED", "ff", 5000));

    assertViolations("event 4 has two dead letters, t/14 and t/15");
  }

  @Test
  void seesOrderLostWithinAKey() {
    effects(0, 3, 1, 2);

    assertViolations("key k1: 1 first took effect after 3");
  }

  @Test
  void acceptsARepetitionOfWhatAKillFoundInFlight() {
    effects(0, 1);
    history.add(new Disturbance("kill", 50_000, 50_000));
    effects(1, 2, 3);

    assertViolations();
  }

  @Test
  void acceptsRepetitionsOfWhatEndedWhileNothingCouldBeCommitted() {
    effects(0, 1);
    history.add(new Disturbance("line dead", 0, 2_000));
    effects(0, 1, 2, 3);

    assertViolations();
  }

  @Test
  void seesMoreRepetitionsThanAKillExplains() {
    effects(0, 1);
    history.add(new Disturbance("kill", 50_000, 50_000));
    effects(0, 1, 2, 3);

    assertViolations("2 events ended again that were committed before; at most 1 may");
  }

  @Test
  void seesARepetitionWithoutADisturbance() {
    effects(0, 0, 1, 2, 3);

    assertViolations("1 events ended again that were committed before; at most 0 may");
  }

  @Test
  void seesACommitOfAnAssignmentThatWasTakenAway() {
    effects(0, 1, 2, 3);
    history.add(new Commit(0, 14, 5000));
    history.add(new Commit(0, 12, 6000));
    history.add(new Commit(0, 14, 7000));

    assertViolations("partition 0: the committed offset fell from 14 to 12");
  }

  @Test
  void seesACommitThatPassesAnOpenEvent() {
    effects(0, 1, 3, 2);
    history.add(new Commit(0, 14, 1999));

    assertViolations("partition 0: 14 was committed while an event below it had not ended");
  }

  @Test
  void seesThatSomethingIsNotCommittedInTheEnd() {
    effects(0, 1, 2, 3);
    history.add(new Commit(0, 13, 5000));

    assertViolations("partition 0: at the end 13 is committed, and 13 was sent");
  }

  @Test
  void seesAnAccountThatDoesNotBalance() {
    effects(0, 1, 2, 3);
    history.add(new Account("a", 4, 3, 0, 0, 0, 0));

    assertViolations(
        "Account[worker=a, received=4, succeeded=3, deadLettered=0, dropped=0, released=0,"
            + " pending=0] does not balance");
  }

  @Test
  void seesAnEventThatIsPendingAtTheEnd() {
    effects(0, 1, 2, 3);
    history.add(new Account("a", 5, 4, 0, 0, 0, 1));

    assertViolations(
        "Account[worker=a, received=5, succeeded=4, deadLettered=0, dropped=0, released=0,"
            + " pending=1]: something is pending at the end");
  }

  @Test
  void seesAWorkerThatDidNotEndAsItWasAsked() {
    effects(0, 1, 2, 3);
    history.add(new Exit("a", 143));

    assertViolations("worker a ended with exit code 143");
  }

  private void assertViolations(String... expected) {
    assertEquals(List.of(expected), CHECKER.check(history));
  }

  /** Effects at so many seconds as their numbers are. */
  private void effects(int... numbers) {
    for (int number : numbers) {
      history.add(new Effect(key(number), number, number * 1000L));
    }
  }

  private static String key(int number) {
    return "k" + number % 2;
  }
}
