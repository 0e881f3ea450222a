package dev.millrace.triggers.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.triggers.Settlement;
import dev.millrace.triggers.redis.PubSubOptions.Overflow;
import dev.millrace.triggers.testing.MemoryJournal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class JournaledBacklogTest {

  private static final int MANY = 5 * JournaledBacklog.WINDOW;

  private final MemoryJournal journal = new MemoryJournal();
  private final ReceiveQueue queue =
      new ReceiveQueue(PubSubOptions.DEFAULT_QUEUE, Overflow.DROP_OLDEST);
  private final JournaledBacklog backlog = backlog(PubSubOptions.DEFAULT_JOURNAL);

  private JournaledBacklog backlog(PubSubOptions.Queue bound) {
    return new JournaledBacklog("orders", journal, queue, bound, Duration.ZERO, new Wakeup());
  }

  @Test
  void offersNothingBeforeTheJournalHasConfirmedIt() {
    backlog.advance();
    journal.hold();
    receive(0, 2);
    backlog.advance();
    assertNull(backlog.next());

    journal.confirmHeld();
    backlog.advance();

    assertEquals(ids(0, 2), takeAll(backlog));
  }

  @Test
  void keepsTheOrderOfReceiptWhateverWaitsInTheJournal() {
    List<String> taken = new ArrayList<>();
    for (int number = 0; number < MANY; number += 100) {
      receive(number, number + 100);
      backlog.advance();
      taken.addAll(take(backlog, 37));
    }
    int received = (MANY + 99) / 100 * 100;
    taken.addAll(takeAll(backlog));

    assertEquals(ids(0, received), taken);
  }

  @Test
  void forgetsWhatIsAcknowledgedAndKeepsWhatIsReleased() {
    receive(0, 3);
    backlog.advance();
    List<JournaledBacklog.Entry> entries = takeEntries(backlog, 3);

    settled(backlog, entries.get(0), Settlement.DONE);
    settled(backlog, entries.get(1), Settlement.RELEASED);
    settled(backlog, entries.get(2), Settlement.DEAD_LETTERED);

    assertEquals(ids(1, 2), journal.ids());
  }

  @Test
  void offersWhatAnEarlierRunLeftBeforeAnythingNew() {
    receive(0, MANY);
    settle(backlog);
    JournaledBacklog next = backlog(PubSubOptions.DEFAULT_JOURNAL);
    receive(MANY, MANY + 10);

    assertEquals(ids(0, MANY + 10), takeAll(next));
  }

  @Test
  void takesOverWhatAWorkerThatIsGoneLeftBehind() {
    receive(0, 2);
    for (JournaledBacklog.Entry entry : takeEntries(backlog, 2)) {
      journal.leaveBehind("orders", entry.event());
      settled(backlog, entry, Settlement.DONE);
    }
    JournaledBacklog next = backlog(new PubSubOptions.Queue(1, 1 << 20));
    receive(2, 3);

    List<JournaledBacklog.Entry> entries = takeEntries(next, 3);
    entries.forEach(entry -> settled(next, entry, Settlement.DONE));

    assertEquals(3, entries.size());
    assertEquals(List.of(), journal.ids());
    receive(3, 4);
    assertEquals(ids(3, 4), takeAll(next), "its own bound counts its own messages alone");
  }

  @Test
  void holdsWhatItReceivedWhileTheJournalFailsAndGoesOnInOrder() {
    backlog.advance();
    journal.setFailing(true);
    receive(0, 600);
    for (int i = 0; i < 50; i++) {
      backlog.advance();
    }
    assertNull(backlog.next());
    assertTrue(backlog.trouble().contains("disk full"), backlog.trouble());
    assertTrue(queue.size() > 0, "the rest waits in the queue, where the overflow policy rules");

    journal.setFailing(false);
    List<String> taken = takeAll(backlog);

    assertEquals(ids(0, 600), taken);
    assertEquals("", backlog.trouble());
    assertEquals(ids(0, 600), journal.ids());
  }

  @Test
  void triesOneMessageAtATimeWhileTheJournalFails() {
    journal.setFailing(true);
    receive(0, 100);
    backlog.advance();
    int first = journal.attempts();

    backlog.advance();
    backlog.advance();
    backlog.advance();

    assertTrue(journal.attempts() - first <= 4, journal.attempts() + " after " + first);
  }

  @Test
  void removesAgainWhatTheJournalWouldNotRemove() {
    receive(0, 1);
    backlog.advance();
    JournaledBacklog.Entry entry = takeEntries(backlog, 1).get(0);
    journal.setFailing(true);
    settled(backlog, entry, Settlement.DONE);
    backlog.advance();
    assertTrue(backlog.trouble().contains("may run again"), backlog.trouble());

    journal.setFailing(false);
    settle(backlog);

    assertEquals(List.of(), journal.ids());
    assertEquals("", backlog.trouble());
  }

  @Test
  void journalsWhatCameTogetherAsOne() {
    receive(0, 100);

    backlog.advance();

    assertEquals(1, journal.attempts());
    assertEquals(ids(0, 100), takeAll(backlog));
  }

  @Test
  void countsWhatIsReadBackAndSettledBeforeItsConfirmation() {
    backlog.advance();
    JournaledBacklog bounded = backlog(new PubSubOptions.Queue(10, 1 << 20));
    journal.hold();
    receive(0, 10);
    bounded.advance();
    for (JournaledBacklog.Entry entry : takeEntries(bounded, 10)) {
      settled(bounded, entry, Settlement.DONE);
    }
    journal.confirmHeld();
    settle(bounded);

    receive(10, 20);
    settle(bounded);

    assertEquals(0, queue.size(), "none of the first ten counts as kept");
    assertEquals(ids(10, 20), takeAll(bounded));
  }

  @Test
  void leavesMessagesInTheQueueWhenTheJournalHoldsAsManyAsItMay() {
    JournaledBacklog bounded = backlog(new PubSubOptions.Queue(10, 1000));
    receive(0, 30);
    settle(bounded);
    assertEquals(10, journal.ids().size());
    assertEquals(20, queue.size());

    for (JournaledBacklog.Entry entry : takeEntries(bounded, 4)) {
      settled(bounded, entry, Settlement.DONE);
    }
    settle(bounded);

    assertEquals(16, queue.size());
  }

  @Test
  void bringsTheQueueToTheJournalOnClose() {
    receive(0, MANY);
    AtomicLong lost = new AtomicLong(-1);

    backlog.close(lost::set);

    assertEquals(0, lost.get());
    assertEquals(ids(0, MANY), journal.ids());
    assertFalse(queue.size() > 0);
  }

  /** As often as the trigger's thread would go round until nothing moves any more. */
  private static void settled(
      JournaledBacklog backlog, JournaledBacklog.Entry entry, Settlement settlement) {
    backlog.settled(List.of(new JournaledBacklog.Settled(entry, settlement)));
  }

  private static void settle(JournaledBacklog backlog) {
    for (int i = 0; i < 20; i++) {
      backlog.advance();
    }
  }

  private void receive(int from, int to) {
    for (int number = from; number < to; number++) {
      assertEquals(0, queue.add(Messages.of(number)));
    }
  }

  private static List<String> ids(int from, int to) {
    return IntStream.range(from, to).mapToObj(number -> Messages.of(number).id()).toList();
  }

  private static List<String> takeAll(JournaledBacklog backlog) {
    return take(backlog, Integer.MAX_VALUE);
  }

  private static List<String> take(JournaledBacklog backlog, int count) {
    return takeEntries(backlog, count).stream().map(entry -> entry.event().id()).toList();
  }

  private static List<JournaledBacklog.Entry> takeEntries(JournaledBacklog backlog, int count) {
    List<JournaledBacklog.Entry> taken = new ArrayList<>();
    for (int idle = 0; idle < 10 && taken.size() < count; idle++) {
      backlog.advance();
      for (JournaledBacklog.Entry entry = backlog.next();
          entry != null && taken.size() < count;
          entry = backlog.next()) {
        taken.add(entry);
        backlog.taken();
        idle = 0;
      }
    }
    return taken;
  }
}
