package dev.millrace.worker.wasm;

import static dev.millrace.worker.wasm.Guests.spec;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.millrace.abi.GuestAbi;
import dev.millrace.triggers.FailureKind;
import dev.millrace.worker.dispatch.Invocation;
import dev.millrace.worker.dispatch.OnceKeys;
import dev.millrace.worker.dispatch.Outcome;
import dev.millrace.worker.wasm.spec.FunctionSpec;
import dev.millrace.worker.wasm.spec.Grants;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The host call {@code once}, as a guest sees it. */
class OnceTest {

  private final List<String> asked = new ArrayList<>();
  private OnceKeys.Answer answer = OnceKeys.Answer.FIRST;
  private boolean storeDown;

  private final Engine engine = Engine.open(EngineOptions.defaults().withOnceKeys(new Scripted()));

  @AfterEach
  void close() {
    engine.close();
  }

  @Test
  void claimsAKeyForTheEvent() throws DeployException {
    Invocation.Result result = call(true, "invoice-7", 60_000);

    assertEquals(GuestAbi.ONCE_FIRST, HostCalls.Answer.of(result).result());
    assertEquals(List.of(new OnceKeys.Claim("invoice-7", Duration.ofMinutes(1))), result.claims());
    assertEquals(List.of("host-calls invoice-7 a-trigger/id-1 PT1M20S"), asked);
  }

  @Test
  void saysThatItWasDoneOrIsBeingDone() throws DeployException {
    answer = OnceKeys.Answer.DONE;
    Invocation.Result done = call(true, "k", 1);
    answer = OnceKeys.Answer.BUSY;
    Invocation.Result busy = call(true, "k", 1);

    assertEquals(GuestAbi.ONCE_DONE, HostCalls.Answer.of(done).result());
    assertEquals(GuestAbi.ONCE_BUSY, HostCalls.Answer.of(busy).result());
    assertEquals(List.of(), done.claims());
    assertEquals(List.of(), busy.claims());
  }

  @Test
  void isDeniedWithoutAGrant() throws DeployException {
    Invocation.Result result = call(false, "k", 1);

    assertEquals(GuestAbi.DENIED, HostCalls.Answer.of(result).result());
    assertEquals(
        "WARN once denied; grant it in the manifest: allow: { once: true }\n", result.log());
    assertEquals(List.of(), asked);
  }

  @Test
  void refusesKeysAndTimesThatAreNone() throws DeployException {
    assertEquals(GuestAbi.INVALID, HostCalls.Answer.of(call(true, "", 1)).result());
    assertEquals(GuestAbi.INVALID, HostCalls.Answer.of(call(true, "k", 0)).result());
    assertEquals(GuestAbi.INVALID, HostCalls.Answer.of(call(true, "k", -1)).result());
    assertEquals(GuestAbi.TOO_LARGE, HostCalls.Answer.of(call(true, "k".repeat(513), 1)).result());
    assertEquals(List.of(), asked);
  }

  @Test
  void anAttemptDoesNotCountWhileTheStoreCannotTell() throws DeployException {
    storeDown = true;
    Invocation.Result result = call(true, "k", 1);

    Outcome.Failed failed = (Outcome.Failed) result.outcome();
    assertEquals(FailureKind.INFRASTRUCTURE, failed.kind());
    assertEquals("function 'host-calls': 'once' cannot be answered: down", failed.error());
  }

  private Invocation.Result call(boolean granted, String key, long ttl) throws DeployException {
    FunctionSpec spec = spec("host-calls");
    WasmFunction function = engine.deploy(Guests.with(spec, new Grants(Set.of(), granted)));
    HostCalls calls = HostCalls.of(engine);
    int pointer = calls.text(key + "\0");
    calls.call("once", pointer, key.length(), ttl);
    return function.invoke(calls.event());
  }

  private final class Scripted implements OnceKeys {
    @Override
    public Answer claim(String function, String key, String owner, Duration lease) {
      if (storeDown) {
        throw new IllegalStateException("down");
      }
      asked.add(function + " " + key + " " + owner + " " + lease);
      return answer;
    }

    @Override
    public CompletionStage<Void> finish(String function, String owner, List<Claim> claims) {
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletionStage<Void> giveUp(String function, String owner, List<Claim> claims) {
      return CompletableFuture.completedFuture(null);
    }
  }
}
