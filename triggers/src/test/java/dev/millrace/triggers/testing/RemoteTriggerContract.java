package dev.millrace.triggers.testing;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.millrace.triggers.Trigger;
import dev.millrace.triggers.TriggerContext;
import dev.millrace.triggers.TriggerStatus.State;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What every trigger does whose source is a server that may be away. */
public abstract class RemoteTriggerContract extends TriggerContract {

  /** Makes a trigger for a server that does not answer. */
  protected abstract Trigger createUnreachable(TriggerContext context) throws Exception;

  @Test
  void waitsForASourceThatDoesNotAnswerAndSaysSo() throws Exception {
    try (Trigger trigger =
        createUnreachable(new TriggerContext("orders", intake, signals, clock()))) {
      trigger.start();

      await().atMost(FakeIntake.PATIENCE).until(() -> !signals.disconnections().isEmpty());
      assertEquals(State.CONNECTING, trigger.status().state());
      assertFalse(trigger.status().detail().isEmpty(), "the status tells a person why");
      assertEquals(List.of(), signals.failures());
    }
  }
}
