package dev.millrace.triggers.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.millrace.triggers.Settlement;
import dev.millrace.triggers.Trigger;
import org.junit.jupiter.api.Test;

/** What every trigger does whose source keeps events until they are acknowledged. */
public abstract class DurableTriggerContract extends RemoteTriggerContract {

  @Test
  void takesAfterAPauseWhatWasProducedMeanwhile() throws Exception {
    intake.settlingAll();
    Trigger trigger = running();
    trigger.pause();
    produce();
    produce();
    assertStaysAt(0);

    trigger.resume();

    intake.awaitAccepted(2);
  }

  @Test
  void releasedEventsComeAgainAndAcknowledgedOnesDoNot() throws Exception {
    Trigger trigger = running();
    produce();
    produce();
    produce();
    intake.awaitAccepted(3);
    String released = intake.accepted().get(1).event().id();
    intake.settleHeld(event -> event.id().equals(released), Settlement.RELEASED);
    intake.settleHeld(Settlement.DONE);
    trigger.close();

    running();

    intake.awaitAccepted(4);
    assertStaysAt(4);
    assertEquals(released, intake.accepted().get(3).event().id());
  }
}
