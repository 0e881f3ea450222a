package dev.millrace.worker.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.millrace.triggers.Settlement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** What an attempt has claimed ends with it. */
class ClaimsTest {

  private static final List<OnceKeys.Claim> CLAIMS =
      List.of(new OnceKeys.Claim("k", Duration.ofHours(1)));

  private final OneTrigger trigger = new OneTrigger();
  private final List<String> said = new ArrayList<>();
  private boolean storeDown;

  ClaimsTest() {
    trigger.onceKeys = new Noting();
    trigger.claims = CLAIMS;
  }

  @Test
  void anEventThatIsDoneFinishesItsClaimsFirst() {
    trigger.offer("e");
    trigger.runAll();

    assertEquals(List.of("finish f t/e k"), said);
    assertEquals(Map.of("e", Settlement.DONE), trigger.settled);
  }

  @Test
  void itIsNotDoneBeforeTheyAre() {
    storeDown = true;
    trigger.offer("e");
    trigger.runAll();
    assertEquals(Map.of(), trigger.settled);

    storeDown = false;
    trigger.pass(Duration.ofSeconds(2));
    assertEquals(List.of("finish f t/e k"), said);
    assertEquals(List.of("e"), trigger.ran, "it does not run again");
    assertEquals(Map.of("e", Settlement.DONE), trigger.settled);
  }

  @Test
  void aFailedAttemptGivesThemUp() {
    trigger.retry =
        RetryPolicy.of(new Tries(2, new Backoff(Duration.ofMillis(1), Duration.ofMillis(1), 1)));
    trigger.script = invocation -> OneTrigger.BUSY;
    trigger.offer("e");
    trigger.runAll().pass(Duration.ofSeconds(1));

    assertEquals(List.of("give up f t/e k", "give up f t/e k"), said);
    assertEquals(Map.of("e", Settlement.DEAD_LETTERED), trigger.settled);
  }

  private final class Noting implements OnceKeys {
    @Override
    public Answer claim(String function, String key, String owner, Duration lease) {
      throw new IllegalStateException("the function claims nothing itself here");
    }

    @Override
    public CompletionStage<Void> finish(String function, String owner, List<Claim> claims) {
      return note("finish", function, owner, claims);
    }

    @Override
    public CompletionStage<Void> giveUp(String function, String owner, List<Claim> claims) {
      return note("give up", function, owner, claims);
    }

    private CompletionStage<Void> note(
        String what, String function, String owner, List<Claim> claims) {
      if (storeDown) {
        return CompletableFuture.failedFuture(new IllegalStateException("down"));
      }
      claims.forEach(claim -> said.add(what + " " + function + " " + owner + " " + claim.key()));
      return CompletableFuture.completedFuture(null);
    }
  }
}
