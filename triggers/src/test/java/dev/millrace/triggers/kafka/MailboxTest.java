package dev.millrace.triggers.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.triggers.Settlement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class MailboxTest {

  private static final int THREADS = 4;
  private static final int EACH = 20_000;

  private final Mailbox mailbox = new Mailbox();
  private final AssignedPartition partition =
      new AssignedPartition(new TopicPartition("orders", 0), 0, List.of());

  private Delivery delivery(long offset) {
    return new Delivery(
        partition,
        offset,
        DetachedEvent.of("e" + offset, "s", "t", Instant.EPOCH, "x"),
        null,
        mailbox);
  }

  @Test
  void bringsEverySettlementOnceFromManyThreads() throws Exception {
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < THREADS; t++) {
      int first = t * EACH;
      threads.add(
          new Thread(
              () -> {
                for (int i = 0; i < EACH; i++) {
                  Delivery delivery = delivery(first + i);
                  delivery.settled(delivery.event, Settlement.DONE);
                }
              }));
    }
    threads.forEach(Thread::start);

    Set<Long> seen = new HashSet<>();
    int[] taken = {0};
    while (taken[0] < THREADS * EACH) {
      assertTrue(mailbox.await(Duration.ofSeconds(60).toNanos()), "settlements went missing");
      mailbox.drain(
          delivery -> {
            assertTrue(delivery.isAcknowledged());
            seen.add(delivery.offset);
            taken[0]++;
          });
    }

    for (Thread thread : threads) {
      thread.join();
    }
    assertEquals(THREADS * EACH, seen.size());
    assertEquals(THREADS * EACH, taken[0]);
  }

  @Test
  void bringsSettlementsInTheOrderOfPosting() {
    for (long offset : new long[] {3, 1, 2}) {
      mailbox.post(delivery(offset));
    }
    List<Long> seen = new ArrayList<>();

    mailbox.drain(delivery -> seen.add(delivery.offset));

    assertEquals(List.of(3L, 1L, 2L), seen);
  }

  @Test
  void waitsInVainWhenNothingIsPosted() {
    assertFalse(mailbox.await(1_000_000));
  }

  @Test
  void doesNotWaitWhenSomethingIsThere() {
    Delivery delivery = delivery(1);
    delivery.settled(delivery.event, Settlement.RELEASED);

    assertTrue(mailbox.await(Duration.ofMinutes(10).toNanos()));

    mailbox.drain(taken -> assertFalse(taken.isAcknowledged()));
    assertFalse(mailbox.await(0));
  }

  @Test
  void isContentWithFewerAfterAWhile() {
    mailbox.post(delivery(1));

    assertTrue(mailbox.await(2, Duration.ofMinutes(10).toNanos()));
  }

  @Test
  void waitsForAsManyAsAreWanted() throws Exception {
    Thread poster =
        new Thread(
            () -> {
              mailbox.post(delivery(1));
              mailbox.post(delivery(2));
            });
    poster.start();

    assertTrue(mailbox.await(2, Duration.ofMinutes(10).toNanos()));
    poster.join();
  }

  @Test
  void anInterruptEndsTheWaitAndStaysSet() {
    Thread.currentThread().interrupt();

    assertFalse(mailbox.await(Duration.ofMinutes(10).toNanos()));

    assertTrue(Thread.interrupted());
  }
}
