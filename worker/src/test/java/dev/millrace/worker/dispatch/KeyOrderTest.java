package dev.millrace.worker.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.millrace.abi.Event;
import dev.millrace.triggers.Settlement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** Keys that other workers may park, and whose queues they may take over. */
class KeyOrderTest {

  private final OneTrigger trigger = new OneTrigger();
  private final Set<String> parked = new HashSet<>();
  private final Set<Long> takenOver = new HashSet<>();
  private final List<String> appended = new ArrayList<>();
  private final List<CompletableFuture<Boolean>> asked = new ArrayList<>();
  private final Map<Long, Settlement> outOfQueue = new HashMap<>();
  private boolean answersLate;

  KeyOrderTest() {
    trigger.keys = Optional.of(new Others());
  }

  @Test
  void queuesAnEventWhoseKeyAnotherWorkerParked() {
    parked.add("a");
    trigger.offer("a1", "a");
    trigger.offer("b1", "b");
    trigger.runAll();

    assertEquals(List.of("b1"), trigger.ran);
    assertEquals(List.of("a1"), appended);
    assertEquals(Settlement.PARKED, trigger.settled.get("a1"));
  }

  @Test
  void holdsALaneUntilItsHeadKnowsWhereToGo() {
    answersLate = true;
    trigger.offer("a1", "a");
    trigger.offer("a2", "a");
    trigger.runAll();
    assertEquals(1, asked.size(), "the second waits for the first");

    asked.get(0).complete(false);
    trigger.runAll();
    assertEquals(List.of("a1"), trigger.ran);
    asked.get(1).complete(true);

    assertEquals(Settlement.PARKED, trigger.settled.get("a2"));
  }

  @Test
  void holdsAnEventWhileTheStoreDoesNotSay() {
    answersLate = true;
    trigger.offer("a1", "a");
    asked.get(0).completeExceptionally(new IllegalStateException("away"));
    assertEquals(0, trigger.intake().room());

    answersLate = false;
    trigger.pass(java.time.Duration.ofSeconds(1));

    assertEquals(List.of("a1"), trigger.ran);
    assertEquals(Bounds.DEFAULT.events(), trigger.intake().room());
  }

  @Test
  void stepsBackWhereAnotherWorkerHasTakenTheQueueOver() {
    parked.add("a");
    takenOver.add(2L);
    int taken =
        trigger
            .dispatcher()
            .drainKey(
                "t",
                "a",
                List.of(queued(1), queued(2), queued(3)),
                (queued, settlement) -> outOfQueue.put(queued.sequence(), settlement));
    trigger.runAll();

    assertEquals(3, taken);
    assertEquals(List.of("a1"), trigger.ran);
    assertEquals(
        Map.of(1L, Settlement.DONE, 2L, Settlement.RELEASED, 3L, Settlement.RELEASED), outOfQueue);
  }

  private static KeyQueue.Queued queued(long sequence) {
    return new KeyQueue.Queued(sequence, OneTrigger.event("a" + sequence), Instant.EPOCH);
  }

  private final class Others implements KeyQueue {
    @Override
    public CompletionStage<Void> park(String triggerName, String lane, String letterId) {
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletionStage<Boolean> appendIfParked(
        String triggerName, String lane, Event event, Instant receivedAt) {
      CompletableFuture<Boolean> answer = new CompletableFuture<>();
      asked.add(answer);
      if (!answersLate) {
        answer.complete(parked.contains(lane) && appended.add(event.id()));
      }
      return answer;
    }

    @Override
    public CompletionStage<Boolean> mayRun(String triggerName, String lane, Queued queued) {
      return CompletableFuture.completedFuture(!takenOver.contains(queued.sequence()));
    }

    @Override
    public CompletionStage<Boolean> unparkIfEmpty(String triggerName, String lane) {
      return CompletableFuture.completedFuture(parked.remove(lane));
    }
  }
}
