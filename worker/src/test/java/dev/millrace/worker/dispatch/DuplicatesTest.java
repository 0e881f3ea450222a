package dev.millrace.worker.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.abi.Event;
import dev.millrace.triggers.Settlement;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

class DuplicatesTest {

  private final OneTrigger trigger = new OneTrigger();
  private final Set<String> remembered = new HashSet<>();
  private boolean storeDown;

  DuplicatesTest() {
    trigger.duplicates = Optional.of(new Remembering());
  }

  @Test
  void dropsAnEventThatWasHereBefore() {
    offer("a", 1);
    trigger.runAll();
    offer("a", 2);
    offer("b", 3);
    trigger.runAll();

    assertEquals(List.of("a", "b"), trigger.ran);
    assertEquals(
        Map.of("1", Settlement.DONE, "2", Settlement.DROPPED, "3", Settlement.DONE),
        trigger.settled);
    assertEquals(Map.of("duplicate", 1L), trigger.dispatcher().conservation("t").dropped());
  }

  @Test
  void aDuplicateOfAnEventThatIsStillHereWaitsForItsEnd() {
    trigger.retry =
        RetryPolicy.of(new Tries(5, new Backoff(Duration.ofMillis(1), Duration.ofMillis(1), 1)));
    trigger.script = invocation -> invocation.attempt() == 1 ? OneTrigger.BUSY : OneTrigger.DONE;
    offer("a", 1);
    trigger.runAll();
    offer("a", 2);
    trigger.runAll();
    assertEquals(Map.of(), trigger.settled);

    trigger.pass(Duration.ofSeconds(1));

    assertEquals(List.of("a", "a"), trigger.ran);
    assertEquals(Settlement.DROPPED, trigger.settled.get("2"));
    assertTrue(trigger.dispatcher().idle());
  }

  @Test
  void aDeadLetteredEventCountsAsSeen() {
    trigger.script = invocation -> OneTrigger.REJECTED;
    offer("a", 1);
    trigger.runAll();
    offer("a", 2);
    trigger.runAll();

    assertEquals(1, trigger.letters.size());
    assertEquals(Settlement.DROPPED, trigger.settled.get("2"));
  }

  @Test
  void anEventIsNotDoneBeforeItIsRemembered() {
    storeDown = true;
    offer("a", 1);
    trigger.runAll();
    assertEquals(Map.of(), trigger.settled);
    assertEquals(0, trigger.intake().room(), "the next one could not be remembered either");

    storeDown = false;
    trigger.pass(Duration.ofSeconds(2));

    assertEquals(List.of("a"), trigger.ran);
    assertEquals(Settlement.DONE, trigger.settled.get("1"));
  }

  @Test
  void shutdownGivesADuplicateBackWithItsFirst() {
    trigger.script = invocation -> OneTrigger.BUSY;
    offer("a", 1);
    offer("a", 2);
    trigger.runAll();

    trigger.dispatcher().drain();
    trigger.runAll();

    assertEquals(Map.of("1", Settlement.RELEASED, "2", Settlement.RELEASED), trigger.settled);
  }

  private void offer(String id, int number) {
    trigger.offer(
        OneTrigger.event(id).withExtensions(Map.of(Event.RECEIPT, "r" + number)),
        String.valueOf(number),
        null);
  }

  private final class Remembering implements Deduplication {
    @Override
    public boolean seen(Event event) {
      return remembered.contains(event.id());
    }

    @Override
    public CompletionStage<Void> remember(Event event) {
      if (storeDown) {
        return CompletableFuture.failedFuture(new IllegalStateException("down"));
      }
      remembered.add(event.id());
      return CompletableFuture.completedFuture(null);
    }
  }
}
