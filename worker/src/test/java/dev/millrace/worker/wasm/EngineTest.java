package dev.millrace.worker.wasm;

import static dev.millrace.worker.wasm.Guests.event;
import static dev.millrace.worker.wasm.Guests.failure;
import static dev.millrace.worker.wasm.Guests.reply;
import static dev.millrace.worker.wasm.Guests.replyBytes;
import static dev.millrace.worker.wasm.Guests.spec;
import static dev.millrace.worker.wasm.Guests.with;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.triggers.FailureKind;
import dev.millrace.worker.dispatch.Invocation;
import dev.millrace.worker.dispatch.Outcome;
import dev.millrace.worker.wasm.spec.AbiSpec;
import dev.millrace.worker.wasm.spec.FunctionSpec.InstanceMode;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Deploying and invoking well-behaved guests of both ABIs. */
class EngineTest {

  private final Engine engine = Engine.open(EngineOptions.defaults());

  @AfterEach
  void close() {
    engine.close();
  }

  @Test
  void aProgramMayAskThroughTheImportsToo() throws DeployException {
    try (WasmFunction program = engine.deploy(spec("asking-program"))) {
      assertEquals("hi", Guests.reply(program.invoke(Guests.event("x"))));

      DetachedEvent empty = DetachedEvent.of("id-1", "s", "t", Guests.NOON, (byte[]) null);
      Outcome.Failed failed =
          Guests.failure(FailureKind.RETRY_REQUESTED, program.invoke(Guests.event(empty)));
      assertEquals("function 'asking-program': no data yet", failed.error());
      assertEquals(Optional.of(Duration.ofMillis(700)), failed.retryAfter());
    }
  }

  @Test
  void answersWithWhatTheMillraceGuestReplied() throws DeployException {
    WasmFunction function = engine.deploy(spec("echo"));

    Invocation.Result result = function.invoke(event("hello"));

    assertEquals("hello", reply(result));
    assertEquals(function.version(), result.version());
    assertEquals("", result.log());
  }

  @Test
  void doneWithoutAReplyIsNoReply() throws DeployException {
    WasmFunction function = engine.deploy(spec("echo"));

    Invocation.Result result =
        function.invoke(event(DetachedEvent.of("id", "s", "t", Guests.NOON, (byte[]) null)));

    assertEquals(new Outcome.Succeeded(null, List.of()), result.outcome());
  }

  @Test
  void answersWithWhatTheProgramWroteToStandardOutput() throws DeployException {
    WasmFunction function = engine.deploy(spec("program"));

    Invocation.Result result = function.invoke(event("hello"));

    assertEquals("hello", reply(result));
    assertEquals("first line\nlast line\n", result.log());
  }

  @Test
  void readsMoreThanOneBufferFromStandardInput() throws DeployException {
    WasmFunction function = engine.deploy(spec("program"));

    String data = "0123456789".repeat(20_000);

    assertEquals(data, reply(function.invoke(event(data))));
  }

  @Test
  void exitZeroIsDoneAsReturningIs() throws DeployException {
    WasmFunction function = engine.deploy(spec("program"));

    assertEquals("Z", reply(function.invoke(event("Z"))));
    assertEquals("again", reply(function.invoke(event("again"))));
    assertEquals(1, function.stats().coldStarts());
  }

  @Test
  void exitCodesSayRejectAndRetryWithTheLastLineAsReason() throws DeployException {
    WasmFunction function = engine.deploy(spec("program"));

    assertEquals(
        "function 'program': last line",
        failure(FailureKind.REJECTED, function.invoke(event("R"))).error());
    assertEquals(
        "function 'program': last line",
        failure(FailureKind.RETRY_REQUESTED, function.invoke(event("T"))).error());
    assertEquals(
        "function 'program': ended with exit code 3: last line",
        failure(FailureKind.EXIT_CODE, function.invoke(event("X"))).error());
  }

  @Test
  void theManifestSaysWhichExitCodesReject() throws DeployException {
    AbiSpec abi = new AbiSpec(Optional.empty(), Optional.empty(), Set.of(3));
    WasmFunction function = engine.deploy(with(spec("program"), abi));

    failure(FailureKind.REJECTED, function.invoke(event("X")));
    assertEquals(
        "function 'program': ended with exit code 65: last line",
        failure(FailureKind.EXIT_CODE, function.invoke(event("R"))).error());
    failure(FailureKind.RETRY_REQUESTED, function.invoke(event("T")));
  }

  @Test
  void aFreshSandboxKnowsNothingOfEarlierEvents() throws DeployException {
    WasmFunction function = engine.deploy(spec("remember"));

    for (int i = 0; i < 3; i++) {
      assertArrayEquals(new byte[] {7, 7}, replyBytes(function.invoke(event(""))));
    }
    assertEquals(1, function.stats().coldStarts());
    assertEquals(3, function.stats().resets());
  }

  @Test
  void aReusedSandboxKeepsWhatTheEarlierEventLeft() throws DeployException {
    WasmFunction function = engine.deploy(with(spec("remember"), InstanceMode.REUSE));

    assertArrayEquals(new byte[] {7, 7}, replyBytes(function.invoke(event(""))));
    assertArrayEquals(new byte[] {8, 8}, replyBytes(function.invoke(event(""))));
    assertArrayEquals(new byte[] {9, 9}, replyBytes(function.invoke(event(""))));
    assertEquals(0, function.stats().resets());
  }

  @Test
  void dataBeyondTheInputLimitIsRefused() throws DeployException {
    WasmFunction function = engine.deploy(spec("echo"));

    Invocation.Result result = function.invoke(event("x".repeat((1 << 20) + 1)));

    assertEquals(
        "function 'echo': data of 1048577 bytes exceeds limits.input 1048576; raise the limit or"
            + " send less",
        failure(FailureKind.INPUT_LIMIT, result).error());
  }

  @Test
  void aClosedFunctionRunsNothing() throws DeployException {
    WasmFunction function = engine.deploy(spec("echo"));
    function.close();

    Outcome.Failed failed = failure(FailureKind.INFRASTRUCTURE, function.invoke(event("x")));

    assertNull(failed.retryAfter().orElse(null));
    assertEquals(0, function.stats().idleSlots());
  }
}
