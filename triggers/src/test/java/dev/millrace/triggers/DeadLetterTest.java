package dev.millrace.triggers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.abi.DetachedEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a guest can make of a dead letter by saying very much. */
class DeadLetterTest {

  private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");

  private static DeadLetter letter(String error, String log) {
    return new DeadLetter(
        "t/1",
        DetachedEvent.of("1", "s", "t", NOW, "x"),
        "t",
        "f",
        "",
        FailureKind.REJECTED,
        error,
        NOW,
        NOW,
        List.of(new Attempt(1, NOW, Duration.ZERO, FailureKind.REJECTED, error, log)),
        1);
  }

  @Test
  void keepsTheBeginningOfAHugeErrorAndSaysHowMuchIsMissing() {
    DeadLetter letter = letter("a" + "\ud83d\ude00".repeat(100_000), "");

    assertTrue(letter.error().length() <= DeadLetter.ERROR_LIMIT_CHARS);
    assertTrue(letter.error().startsWith("a\ud83d\ude00"));
    String shown = letter.error().substring(letter.error().indexOf('…'));
    assertEquals("… [" + (200_001 - letter.error().indexOf('…')) + " characters cut off]", shown);
    assertTrue(Character.isLowSurrogate(letter.error().charAt(letter.error().indexOf('…') - 1)));
    assertEquals(letter.error(), letter.attempts().getFirst().error());
  }

  @Test
  void keepsTheEndOfAHugeLogBecauseTheCauseIsThere() {
    DeadLetter letter = letter("e", "x".repeat(1 << 20) + "the cause");

    String log = letter.attempts().getFirst().log();

    assertTrue(log.length() <= Attempt.LOG_LIMIT_CHARS);
    assertTrue(log.endsWith("xthe cause"));
    assertTrue(log.startsWith("["));
  }

  @Test
  void keepsWhatIsNotTooLongAsItIsAndWhatWasShortenedToo() {
    DeadLetter first = letter("e".repeat(DeadLetter.ERROR_LIMIT_CHARS + 1), "l".repeat(1 << 20));

    DeadLetter again = letter(first.error(), first.attempts().getFirst().log());

    assertEquals(first.error(), again.error());
    assertEquals(first.attempts().getFirst().log(), again.attempts().getFirst().log());
  }
}
