package dev.millrace.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.abi.Message;
import dev.millrace.triggers.PublishException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** Destinations that a guest makes up: refused for good, so that they hold nobody up. */
class OutletsTest {

  @Test
  void refusesADestinationThatIsNone() {
    assertEquals("'nowhere' is not a destination; write connection/target", refusal("nowhere"));
  }

  @Test
  void refusesAConnectionThatIsNotInTheManifest() {
    assertEquals("there is no connection 'other' in the manifest", refusal("other/topic"));
  }

  private static String refusal(String to) {
    try (Outlets outlets = new Outlets(Map.of(), (name, publisher) -> publisher, reason -> {})) {
      PublishException refused =
          assertThrows(
              PublishException.class,
              () -> {
                CompletionStage<Void> unused =
                    outlets.publish(List.of(Message.of(to, new byte[0])));
              });
      assertTrue(refused.permanent());
      return String.valueOf(refused.getMessage());
    }
  }
}
