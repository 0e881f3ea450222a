package dev.millrace.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.abi.Event;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class IdentityHashTest {

  @Test
  void aReceiptToldInPartsHasTheIdentityOfTheWhole() {
    for (long number : List.of(0L, 7L, 10L, 999L, 1000L, 1042L, 9_000_000_007L, Long.MAX_VALUE)) {
      IdentityHash parts = new IdentityHash();
      parts.of("t", event("elsewhere"));
      parts.of("t", event("kafka:"));
      parts.number(number);
      parts.text("/x");

      assertEquals(identity("t", "kafka:" + number + "/x"), List.of(parts.high(), parts.low()));
    }
  }

  @Test
  void doesNotDependOnWhatItWasBefore() {
    List<String> triggers = List.of("t", "u");
    List<String> receipts = List.of("a", "b", "ab");
    IdentityHash reused = new IdentityHash();
    for (int i = 0; i < 100; i++) {
      String trigger = triggers.get(i / 3 % 2);
      String receipt = receipts.get(i % 3);
      String more = receipts.get(i / 7 % 3);
      reused.of(trigger, event(receipt));
      reused.text(more);
      reused.number(i % 4);
      reused.text(receipt);
      reused.number(990 + i);
      reused.text(more);
      reused.number(i / 2 * 1000L + i % 2);

      assertEquals(
          identity(
              trigger,
              receipt + more + i % 4 + receipt + (990 + i) + more + (i / 2 * 1000L + i % 2)),
          List.of(reused.high(), reused.low()));
    }
  }

  @Test
  void triggersAndReceiptsAreToldApart() {
    assertNotEquals(identity("t", "1"), identity("u", "1"));
    assertNotEquals(identity("t", "1"), identity("t", "2"));
    assertNotEquals(identity("t", "12"), identity("t", "21"));
  }

  private static List<Long> identity(String trigger, String receipt) {
    IdentityHash hash = new IdentityHash();
    hash.of(trigger, event(receipt));
    return List.of(hash.high(), hash.low());
  }

  private static Event event(String id) {
    return DetachedEvent.of(id, "test", "test", Instant.EPOCH, "x");
  }
}
