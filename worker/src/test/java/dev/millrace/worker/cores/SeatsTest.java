package dev.millrace.worker.cores;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.worker.cores.Seats.Row;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One seat, and one in reserve. */
class SeatsTest {

  private static final Duration SOON = Duration.ofSeconds(30);

  private final Seats seats = Seats.open(1, 1);
  private final Row row = seats.row();

  @AfterEach
  void close() {
    seats.close();
  }

  @Test
  void whoLeavesASeatGivesItToWhoWaits() throws Exception {
    Seat mine = row.seat();
    assertTrue(mine.take(Seat.FOR_EVER));
    FutureTask<Boolean> other = start(() -> takeAndLeave(row, Seat.FOR_EVER));
    awaitWaiting(row, 1);

    mine.leave();

    assertTrue(other.get(SOON.toSeconds(), TimeUnit.SECONDS));
    assertEquals(0, seats.taken());
  }

  @Test
  void aSeatIsWaitedForNoLongerThanWasSaid() throws Exception {
    Seat mine = row.seat();
    assertTrue(mine.take(Seat.FOR_EVER));

    assertFalse(row.seat().take(0));
    assertFalse(row.seat().take(Duration.ofMillis(3).toNanos()));

    mine.leave();
    assertEquals(0, seats.taken());
    assertTrue(row.seat().take(0), "a free one is taken without waiting");
  }

  @Test
  void anInterruptEndsTheWaitAndTakesNoSeat() throws Exception {
    Seat mine = row.seat();
    assertTrue(mine.take(Seat.FOR_EVER));
    FutureTask<Boolean> other = new FutureTask<>(() -> takeAndLeave(row, Seat.FOR_EVER));
    Thread thread = Thread.ofVirtual().start(other);
    awaitWaiting(row, 1);

    thread.interrupt();

    ExecutionException ended =
        assertThrows(ExecutionException.class, () -> other.get(SOON.toSeconds(), TimeUnit.SECONDS));
    assertTrue(ended.getCause() instanceof InterruptedException);
    mine.leave();
    assertEquals(0, seats.taken());
  }

  @Test
  void aSeatThatIsKeptForLongIsNotTheOnlyOne() throws Exception {
    Seat mine = row.seat();
    assertTrue(mine.take(Seat.FOR_EVER));
    Row others = seats.row();

    assertTrue(
        start(() -> takeAndLeave(others, Seat.FOR_EVER)).get(SOON.toSeconds(), TimeUnit.SECONDS));
    assertFalse(row.seat().take(0), "not for its own function");
  }

  @Test
  void leavingTwiceIsLeavingOnce() throws Exception {
    Seat mine = row.seat();
    assertTrue(mine.take(Seat.FOR_EVER));
    mine.leave();
    mine.leave();
    assertTrue(Seat.NONE.take(0));
    Seat.NONE.leave();
    assertEquals(0, seats.taken());
  }

  @Test
  void aThousandComeAndGoAndNoneIsForgotten() throws Exception {
    CountDownLatch done = new CountDownLatch(1000);
    for (int i = 0; i < 1000; i++) {
      Thread.ofVirtual()
          .start(
              () -> {
                try {
                  Seat seat = row.seat();
                  for (int times = 0; times < 20; times++) {
                    assertTrue(seat.take(Seat.FOR_EVER));
                    seat.leave();
                  }
                  done.countDown();
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              });
    }
    assertTrue(done.await(SOON.toSeconds(), TimeUnit.SECONDS));
    assertEquals(0, seats.taken());
  }

  private boolean takeAndLeave(Row from, long nanos) throws InterruptedException {
    Seat seat = from.seat();
    boolean taken = seat.take(nanos);
    seat.leave();
    return taken;
  }

  private static <T> FutureTask<T> start(Callable<T> what) {
    FutureTask<T> task = new FutureTask<>(what);
    Thread.ofVirtual().start(task);
    return task;
  }

  private void awaitWaiting(Row of, int count) {
    await().atMost(SOON).until(() -> seats.waiting(of) == count);
  }
}
