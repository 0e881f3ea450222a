package dev.millrace.worker.cores;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Whose turn it is; time is what the test says. */
class RotaTest {

  private static final long LONG = Rota.LONG_NANOS + 1;

  private final Rota<String> rota = new Rota<>(2, 2);
  private final Share<String> busy = new Share<>();
  private final Share<String> other = new Share<>();
  private final Share<String> third = new Share<>();

  @Test
  void placesAreTakenUntilThereAreNoMore() {
    assertTrue(rota.enter(turn(busy, "a"), 0));
    assertTrue(rota.enter(turn(busy, "b"), 0));
    assertFalse(rota.enter(turn(busy, "c"), 0));
    assertEquals(2, rota.running());
  }

  @Test
  void aFreePlaceGoesToWhoHasNone() {
    Turn<String> first = running(busy, "a");
    running(busy, "b");
    wait(busy, "c");
    wait(busy, "d");
    Turn<String> good = wait(other, "good");

    assertSame(good, rota.leave(first, 1));
  }

  @Test
  void functionsTakeTurnsHoweverManyTurnsOfThemWait() {
    Rota<String> one = new Rota<>(1, 0);
    Turn<String> now = turn(busy, "a0");
    one.enter(now, 0);
    for (int i = 1; i < 5; i++) {
      one.enter(turn(busy, "a" + i), 0);
    }
    one.enter(turn(other, "x0"), 0);
    one.enter(turn(other, "x1"), 0);

    List<String> order = new ArrayList<>();
    for (now = one.leave(now, 1); now != null; now = one.leave(now, 1)) {
      order.add(now.item);
    }

    assertEquals(List.of("a1", "x0", "a2", "x1", "a3", "a4"), order);
  }

  @Test
  void aTurnIsOverOnceItHasLastedAndAnotherFunctionHasLess() {
    Turn<String> a = running(busy, "a");
    running(busy, "b");
    assertFalse(rota.over(a, Rota.TURN_NANOS), "nobody waits");

    wait(busy, "c");
    assertFalse(rota.over(a, Rota.TURN_NANOS), "only itself waits");

    wait(other, "x");
    assertFalse(rota.over(a, Rota.TURN_NANOS - 1), "it has just begun");
    assertTrue(rota.over(a, Rota.TURN_NANOS));

    rota.leave(a, Rota.TURN_NANOS);
    assertFalse(rota.over(a, 2 * Rota.TURN_NANOS), "nobody waits who has less");
  }

  @Test
  void whoHasNoPlaceGetsAReserveOnceAllAreKeptForLong() {
    running(busy, "a");
    Turn<String> b = running(busy, "b");
    wait(other, "x");
    assertTrue(rota.starves());
    assertNull(rota.next(LONG / 2));

    rota.over(b, LONG / 2);
    assertNull(rota.next(LONG), "one of them has begun an event since");

    assertEquals("x", item(rota.next(2 * LONG)));
    assertFalse(rota.starves());
    assertEquals(3, rota.running());
  }

  @Test
  void whoComesLaterGetsItsReserveAtOnce() {
    running(busy, "a");
    running(busy, "b");

    assertTrue(rota.enter(turn(other, "x"), LONG));
  }

  @Test
  void whoWasLongBeforeIsTakenToBeLongAgain() {
    Turn<String> a = running(busy, "a");
    running(busy, "b");
    rota.over(a, LONG);
    rota.over(a, 2 * LONG);
    assertTrue(rota.enter(turn(other, "x"), 2 * LONG + 1));

    rota.over(a, 2 * LONG + 2);
    assertFalse(rota.enter(turn(third, "y"), 2 * LONG + 3), "its latest event was short");
  }

  @Test
  void oneLongEventAloneMayHaveBeenPreempted() {
    Turn<String> a = running(busy, "a");
    running(busy, "b");

    rota.over(a, LONG);

    assertFalse(busy.slow);
    assertFalse(rota.enter(turn(other, "x"), LONG + 1));
  }

  @Test
  void aFunctionIsQuickAfterManyShortEventsUntilSomeTakeLonger() {
    for (int i = 0; i < 255; i++) {
      busy.took(1000);
    }
    assertFalse(busy.quick(), "not yet");

    busy.took(1000);
    assertTrue(busy.quick());

    for (int i = 0; i < 100; i++) {
      busy.took(1000);
    }
    busy.took(LONG);
    assertTrue(busy.quick(), "one among many");

    busy.took(LONG);
    busy.took(LONG);
    assertFalse(busy.quick());
  }

  @Test
  void whoIsHeldUpBetweenTwoEventsIsNotTakenToBeLong() {
    Turn<String> a = running(busy, "a");
    running(busy, "b");

    a.goesOn(LONG);
    rota.over(a, LONG + 1);

    assertFalse(busy.slow);
    assertFalse(rota.enter(turn(other, "x"), LONG + 2), "one place was kept for a moment only");
  }

  @Test
  void aFunctionHasOneReserveAtMost() {
    running(busy, "a");
    running(busy, "b");

    assertFalse(rota.enter(turn(busy, "c"), LONG));
    assertTrue(rota.enter(turn(other, "x"), LONG));
    assertFalse(rota.enter(turn(other, "x2"), 3 * LONG));
    assertNull(rota.next(3 * LONG));
    assertFalse(rota.starves(), "nobody has to look: each has a place");
  }

  @Test
  void thereAreNoMoreReservesThanWereGranted() {
    running(busy, "a");
    running(busy, "b");
    assertTrue(rota.enter(turn(other, "x"), LONG));
    assertTrue(rota.enter(turn(third, "y"), 2 * LONG));

    assertFalse(rota.enter(turn(new Share<>(), "z"), 4 * LONG));
    assertNull(rota.next(9 * LONG));
  }

  @Test
  void aReserveIsGivenBackFirst() {
    running(busy, "a");
    Turn<String> b = running(busy, "b");
    Turn<String> x = turn(other, "x");
    rota.enter(x, LONG);
    wait(busy, "c");

    assertNull(rota.leave(x, LONG + 1), "two places are taken");
    assertEquals("c", item(rota.leave(b, LONG + 2)));
  }

  @Test
  void whoDoesNotWaitAnyMoreIsNotGivenAPlace() {
    Turn<String> a = running(busy, "a");
    running(busy, "b");
    Turn<String> gone = wait(other, "x");

    assertTrue(rota.withdraw(gone));
    assertFalse(rota.withdraw(gone));
    assertFalse(rota.starves());
    assertNull(rota.leave(a, 1));
  }

  private Turn<String> running(Share<String> share, String item) {
    Turn<String> turn = turn(share, item);
    assertTrue(rota.enter(turn, 0));
    return turn;
  }

  private Turn<String> wait(Share<String> share, String item) {
    Turn<String> turn = turn(share, item);
    assertFalse(rota.enter(turn, 0));
    return turn;
  }

  private static Turn<String> turn(Share<String> share, String item) {
    return new Turn<>(share, item);
  }

  private static String item(Turn<String> turn) {
    return turn == null ? "nobody" : turn.item;
  }
}
