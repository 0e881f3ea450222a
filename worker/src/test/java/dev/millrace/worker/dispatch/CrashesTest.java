package dev.millrace.worker.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.millrace.abi.Event;
import dev.millrace.triggers.FailureKind;
import dev.millrace.triggers.Settlement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CrashesTest {

  private final OneTrigger trigger = new OneTrigger();
  private final Map<String, Integer> crashes = new HashMap<>();
  private final List<String> settled = new ArrayList<>();

  CrashesTest() {
    trigger.crashes = new Known();
  }

  @Test
  void givesUpAnEventThatTookTheProcessDownSoOften() {
    crashes.put("poison", 3);
    crashes.put("suspect", 2);
    trigger.offer("poison");
    trigger.offer("suspect");
    trigger.runAll();

    assertEquals(List.of("suspect"), trigger.ran);
    assertEquals(Settlement.DONE, trigger.settled.get("suspect"));
    assertEquals(Settlement.DEAD_LETTERED, trigger.settled.get("poison"));
    assertEquals(FailureKind.CRASHED, trigger.letters.get(0).failure());
    assertEquals(List.of("poison", "suspect"), settled, "both are forgotten");
  }

  @Test
  void runsSuspectsOneAtATime() {
    crashes.put("a", 1);
    crashes.put("b", 1);
    trigger.concurrency = 10;
    List<String> inside = new ArrayList<>();
    trigger.script =
        invocation -> {
          String id = invocation.event().id();
          if (id.equals("a")) {
            trigger.workers.runAll(); // another worker takes what is there, while this one runs
          }
          inside.add(id);
          return OneTrigger.DONE;
        };

    trigger.offer("a");
    trigger.offer("b");
    trigger.offer("innocent");
    trigger.runAll();

    assertEquals(List.of("innocent", "a", "b"), inside);
  }

  private final class Known implements CrashRecord {
    @Override
    public int crashes(String triggerName, Event event) {
      return crashes.getOrDefault(event.id(), 0);
    }

    @Override
    public Note begins(String triggerName, Event event) {
      return Note.NONE;
    }

    @Override
    public void settled(String triggerName, Event event) {
      settled.add(event.id());
    }
  }
}
