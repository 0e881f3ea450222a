package dev.millrace.worker.wasm;

import static dev.millrace.worker.wasm.Guests.failure;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.abi.GuestAbi;
import dev.millrace.triggers.FailureKind;
import dev.millrace.worker.dispatch.Invocation;
import dev.millrace.worker.dispatch.Outcome;
import dev.millrace.worker.wasm.HostCalls.Answer;
import dev.millrace.worker.wasm.host.HeartbeatImport;
import dev.millrace.worker.wasm.host.Progress;
import dev.millrace.worker.wasm.spec.FunctionSpec;
import dev.millrace.worker.wasm.spec.Limits;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The host call {@code heartbeat}, as a guest and whoever watches it see it. */
class HeartbeatTest {

  private final Engine engine = Engine.open(EngineOptions.defaults());

  @AfterEach
  void close() {
    engine.close();
  }

  @Test
  void aGuestThatBeatsMayTakeLonger() throws Exception {
    WasmFunction function = beats(Duration.ofSeconds(1), Duration.ofMinutes(1));

    Invocation.Result result = function.invoke(Guests.event("x".repeat(15)));

    assertInstanceOf(Outcome.Succeeded.class, result.outcome(), result::toString);
    assertTrue(result.duration().compareTo(Duration.ofSeconds(1)) > 0);
  }

  @Test
  void itEndsWithItsLongestDuration() throws Exception {
    WasmFunction function = beats(Duration.ofSeconds(1), Duration.ofMillis(1500));

    Outcome.Failed failed =
        failure(FailureKind.TIMEOUT, function.invoke(Guests.event("x".repeat(100))));

    assertEquals(
        "function 'beats': stopped without a heartbeat for limits.timeout 1000 ms, or after"
            + " limits.max_duration 1500 ms; raise the limit or make it faster",
        failed.error());
  }

  @Test
  void withoutALongestDurationNothingIsExtended() throws Exception {
    WasmFunction function = beats(Duration.ofSeconds(1), Duration.ofSeconds(1));

    failure(FailureKind.TIMEOUT, function.invoke(Guests.event("x".repeat(100))));
  }

  @Test
  void whatItSaysIsSeenWhileItRunsAndNoLonger() throws Exception {
    WasmFunction function = beats(Duration.ofSeconds(20), Duration.ofSeconds(20));
    CompletableFuture<Invocation.Result> running =
        CompletableFuture.supplyAsync(() -> function.invoke(Guests.event("x".repeat(20))));

    await().atMost(Duration.ofSeconds(30)).until(() -> !function.progress().isEmpty());

    Progress said = function.progress().getFirst();
    assertEquals("id-1", said.event());
    assertEquals(1, said.attempt());
    assertEquals("at work, [secret]", said.message());
    assertTrue(said.percent().getAsInt() <= 20);
    running.join();
    assertEquals(List.of(), function.progress());
  }

  @Test
  void anUnknownShareAndAWrongOneAreToldApart() throws Exception {
    assertTrue(heartbeat(-1, 3) > 0);
    assertTrue(heartbeat(100, 0) > 0);
    assertEquals(GuestAbi.INVALID, heartbeat(101, 3));
    assertEquals(GuestAbi.INVALID, heartbeat(-2, 3));
    assertEquals(GuestAbi.TOO_LARGE, heartbeat(1, HeartbeatImport.MESSAGE_LIMIT_BYTES + 1));
  }

  @Test
  void aWildMessageEndsTheInvocation() throws Exception {
    WasmFunction function = engine.deploy(Guests.spec("host-calls"));

    failure(
        FailureKind.BROKEN_CONTRACT,
        function.invoke(HostCalls.of(engine).call("heartbeat", 1, 65535, 2).event()));
    failure(
        FailureKind.BROKEN_CONTRACT,
        function.invoke(HostCalls.of(engine).call("heartbeat", 1, 0, -1).event()));
  }

  private long heartbeat(int percent, int length) throws DeployException {
    WasmFunction function = engine.deploy(Guests.spec("host-calls"));
    HostCalls calls = HostCalls.of(engine).call("heartbeat", percent, 30000, length);
    return Answer.of(function.invoke(calls.event())).result();
  }

  private WasmFunction beats(Duration timeout, Duration most) throws DeployException {
    FunctionSpec spec = Guests.spec("beats");
    Limits limits = spec.limits();
    return engine.deploy(
        Guests.withConfig(
            Guests.with(
                spec,
                new Limits(
                    timeout,
                    limits.memoryBytes(),
                    limits.inputBytes(),
                    limits.outputBytes(),
                    limits.logBytes(),
                    most,
                    limits.httpBodyBytes())),
            Map.of(),
            Map.of("key", "s3cret")));
  }
}
