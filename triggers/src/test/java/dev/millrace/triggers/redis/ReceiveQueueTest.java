package dev.millrace.triggers.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.triggers.redis.PubSubOptions.Overflow;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

class ReceiveQueueTest {

  @Test
  void dropsTheOldestToMakeRoom() {
    ReceiveQueue queue = new ReceiveQueue(new PubSubOptions.Queue(2, 1000), Overflow.DROP_OLDEST);

    assertEquals(0, queue.add(Messages.ofSize(0, 10)));
    assertEquals(0, queue.add(Messages.ofSize(1, 10)));
    assertEquals(1, queue.add(Messages.ofSize(2, 10)));

    assertEquals(List.of(1L, 2L), drain(queue));
  }

  @Test
  void dropsTheNewestWhenThereIsNoRoom() {
    ReceiveQueue queue = new ReceiveQueue(new PubSubOptions.Queue(2, 1000), Overflow.DROP_NEWEST);

    assertEquals(0, queue.add(Messages.ofSize(0, 10)));
    assertEquals(0, queue.add(Messages.ofSize(1, 10)));
    assertEquals(1, queue.add(Messages.ofSize(2, 10)));

    assertEquals(List.of(0L, 1L), drain(queue));
  }

  @Test
  void dropsAsManyAsTheBytesNeed() {
    ReceiveQueue queue = new ReceiveQueue(new PubSubOptions.Queue(100, 100), Overflow.DROP_OLDEST);
    queue.add(Messages.ofSize(0, 30));
    queue.add(Messages.ofSize(1, 30));
    queue.add(Messages.ofSize(2, 30));

    assertEquals(2, queue.add(Messages.ofSize(3, 60)));

    assertEquals(List.of(2L, 3L), drain(queue));
  }

  @Test
  void passesOnWhatWaitsBeforeWhatComesAndFreesItsRoom() {
    ReceiveQueue queue = new ReceiveQueue(new PubSubOptions.Queue(3, 1000), Overflow.DROP_NEWEST);
    List<Long> taken = new ArrayList<>();
    List<Long> refused = new ArrayList<>(List.of(2L));
    Predicate<Received> taker =
        message -> !refused.contains(message.number()) && taken.add(message.number());

    for (int i = 0; i < 5; i++) {
      assertEquals(0, queue.passOn(Messages.ofSize(i, 10), taker));
    }
    assertEquals(1, queue.passOn(Messages.ofSize(5, 10), taker), "2, 3 and 4 wait");
    assertEquals(List.of(0L, 1L), taken);
    refused.clear();
    assertEquals(0, queue.passOn(Messages.ofSize(6, 10), taker));

    assertEquals(List.of(0L, 1L, 2L, 3L, 4L, 6L), taken);
    assertEquals(6, queue.passedOn());
    assertTrue(queue.isEmpty());
    assertEquals(0, queue.add(Messages.ofSize(7, 1000)), "no byte is taken");
  }

  @Test
  void takesAMessageLargerThanTheBoundWhenItIsAlone() {
    ReceiveQueue newest = new ReceiveQueue(new PubSubOptions.Queue(5, 100), Overflow.DROP_NEWEST);
    ReceiveQueue oldest = new ReceiveQueue(new PubSubOptions.Queue(5, 100), Overflow.DROP_OLDEST);
    oldest.add(Messages.ofSize(0, 10));

    assertEquals(0, newest.add(Messages.ofSize(1, 5000)));
    assertEquals(1, oldest.add(Messages.ofSize(1, 5000)));

    assertEquals(List.of(1L), drain(newest));
    assertEquals(List.of(1L), drain(oldest));
  }

  @Test
  void accountsForEveryMessageAndKeepsOrderAndBound() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (Overflow overflow : Overflow.values()) {
      PubSubOptions.Queue bound = new PubSubOptions.Queue(8, 400);
      ReceiveQueue queue = new ReceiveQueue(bound, overflow);
      long dropped = 0;
      long last = -1;
      long taken = 0;
      for (int number = 0; number < 20_000; number++) {
        dropped += queue.add(Messages.ofSize(number, random.nextInt(1, 120)));
        assertTrue(queue.size() <= bound.events(), "seed " + seed);
        for (int takes = random.nextInt(3); takes > 0; takes--) {
          Received message = queue.poll();
          if (message != null) {
            assertTrue(message.number() > last, "seed " + seed);
            last = message.number();
            taken++;
          }
        }
      }
      taken += drain(queue).size();

      assertEquals(20_000, taken + dropped, "seed " + seed);
    }
  }

  @Test
  void isEmptyAtFirst() {
    ReceiveQueue queue = new ReceiveQueue(new PubSubOptions.Queue(1, 1), Overflow.DROP_OLDEST);

    assertTrue(queue.isEmpty());
    assertNull(queue.poll());
  }

  private static List<Long> drain(ReceiveQueue queue) {
    List<Long> numbers = new ArrayList<>();
    while (!queue.isEmpty()) {
      Received message = queue.poll();
      assertNotNull(message);
      numbers.add(message.number());
    }
    return numbers;
  }
}
