package dev.millrace.worker.wasm.abi;

import static dev.millrace.worker.wasm.Guests.event;
import static dev.millrace.worker.wasm.Guests.failure;
import static dev.millrace.worker.wasm.Guests.replyBytes;
import static dev.millrace.worker.wasm.Guests.with;
import static dev.millrace.worker.wasm.Guests.withTimeout;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.triggers.FailureKind;
import dev.millrace.triggers.RecordingCodec;
import dev.millrace.worker.dispatch.Invocation;
import dev.millrace.worker.wasm.DeployException;
import dev.millrace.worker.wasm.Engine;
import dev.millrace.worker.wasm.EngineOptions;
import dev.millrace.worker.wasm.Guests;
import dev.millrace.worker.wasm.WasmFunction;
import dev.millrace.worker.wasm.recording.Replay;
import dev.millrace.worker.wasm.spec.FunctionSpec;
import dev.millrace.worker.wasm.spec.FunctionSpec.InstanceMode;
import dev.millrace.worker.wasm.spec.Limits;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What functions of every ABI have in common. Each has a guest whose event data begins with a
 * letter that says what to do:
 *
 * <ul>
 *   <li>D: answer with the data; T: ask for a retry, because "later"; R: reject, because "never"
 *   <li>X: trap; L: loop for ever; M: grow the memory until it is refused, then trap
 *   <li>C: count the events in memory and in a global, and answer with the two bytes first
 * </ul>
 */
abstract class GuestContract {

  private final Engine engine = Engine.open(EngineOptions.defaults());
  private final FunctionSpec spec;

  GuestContract(FunctionSpec spec) {
    this.spec = spec;
  }

  @AfterEach
  void close() {
    engine.close();
  }

  Engine engine() {
    return engine;
  }

  FunctionSpec contract() {
    return spec;
  }

  /** Whether a sandbox can serve a second event as it is. */
  boolean reusable() {
    return true;
  }

  /** What comes of a guest that says "later", or the failure it can express instead. */
  FailureKind later() {
    return FailureKind.RETRY_REQUESTED;
  }

  /** What comes of a guest that says "never", or the failure it can express instead. */
  FailureKind never() {
    return FailureKind.REJECTED;
  }

  /** What a guest answered. */
  byte[] answer(Invocation.Result result) {
    return replyBytes(result);
  }

  WasmFunction deploy(InstanceMode mode) throws DeployException {
    return engine.deploy(with(spec, mode));
  }

  /** The modes in which the ABI can run. */
  private boolean skips(InstanceMode mode) {
    return mode == InstanceMode.REUSE && !reusable();
  }

  @ParameterizedTest
  @EnumSource
  void answersByteForByte(InstanceMode mode) throws DeployException {
    if (skips(mode)) {
      return;
    }
    byte[] data = new byte[70_000];
    new Random(7).nextBytes(data);
    data[0] = 'D';
    WasmFunction function = deploy(mode);

    for (int i = 0; i < 3; i++) {
      assertArrayEquals(data, answer(function.invoke(event(bytes(data)))));
      assertEquals("D", text(function.invoke(event("D"))));
    }
    assertEquals(1, function.stats().coldStarts());
  }

  @ParameterizedTest
  @EnumSource
  void retriesAndRejectsByItsWord(InstanceMode mode) throws DeployException {
    if (skips(mode)) {
      return;
    }
    WasmFunction function = deploy(mode);

    for (int i = 0; i < 2; i++) {
      String later = failure(later(), function.invoke(event("T"))).error();
      assertTrue(later.startsWith("function '" + spec.name() + "': "), later);
      assertTrue(later.endsWith("later"), later);
      String never = failure(never(), function.invoke(event("R"))).error();
      assertTrue(never.endsWith("never"), never);
      assertEquals("D", text(function.invoke(event("D"))));
    }
  }

  @ParameterizedTest
  @EnumSource
  void aTrapFailsTheEventAndLeavesNothingBehind(InstanceMode mode) throws DeployException {
    if (skips(mode)) {
      return;
    }
    WasmFunction function = deploy(mode);
    byte[] first = answer(function.invoke(event("C")));

    String error = failure(FailureKind.TRAP, function.invoke(event("X"))).error();

    assertTrue(error.contains("trapped: "), error);
    assertArrayEquals(first, answer(function.invoke(event("C"))));
    assertEquals(1, function.stats().traps());
  }

  @ParameterizedTest
  @EnumSource
  void anEndlessLoopIsStopped(InstanceMode mode) throws DeployException {
    if (skips(mode)) {
      return;
    }
    FunctionSpec impatient = withTimeout(with(spec, mode), Duration.ofMillis(300));
    WasmFunction function = engine.deploy(impatient);

    failure(FailureKind.TIMEOUT, function.invoke(event("L")));

    assertEquals("D", text(function.invoke(event("D"))));
  }

  @ParameterizedTest
  @EnumSource
  void memoryIsBounded(InstanceMode mode) throws DeployException {
    if (skips(mode)) {
      return;
    }
    WasmFunction function = deploy(mode);

    failure(FailureKind.MEMORY_LIMIT, function.invoke(event("M")));

    assertEquals("D", text(function.invoke(event("D"))));
  }

  @ParameterizedTest
  @EnumSource
  void outputIsBounded(InstanceMode mode) throws DeployException {
    if (skips(mode)) {
      return;
    }
    Limits limits = spec.limits();
    Limits small =
        new Limits(
            limits.timeout(), limits.memoryBytes(), limits.inputBytes(), 1000, limits.logBytes());
    WasmFunction function = engine.deploy(with(with(spec, mode), small));

    failure(FailureKind.OUTPUT_LIMIT, function.invoke(event("D".repeat(1001))));

    assertEquals("D", text(function.invoke(event("D"))));
  }

  @Test
  void nothingOfAnEventReachesTheNextOneUnderFresh() throws DeployException {
    WasmFunction function = deploy(InstanceMode.FRESH);
    byte[] first = answer(function.invoke(event("C")));

    for (int i = 0; i < 3; i++) {
      assertArrayEquals(first, answer(function.invoke(event("C"))));
    }
    assertEquals(1, first[0]);
    assertEquals(1, first[1]);
    assertEquals(1, function.stats().coldStarts());
    assertEquals(4, function.stats().resets());
  }

  @Test
  void anEventFindsWhatTheOneBeforeItLeftUnderReuse() throws DeployException {
    if (!reusable()) {
      assertTrue(
          engine.inspect(with(spec, InstanceMode.REUSE)).problems().stream()
              .anyMatch(problem -> problem.startsWith("'instance: reuse' is not possible")));
      return;
    }
    WasmFunction function = deploy(InstanceMode.REUSE);

    for (int i = 1; i < 4; i++) {
      byte[] reply = answer(function.invoke(event("C")));
      assertEquals(i, reply[0]);
      assertEquals(i, reply[1]);
    }
  }

  @Test
  void aFailedAttemptCanBeRunAgain() throws DeployException {
    WasmFunction function = deploy(InstanceMode.FRESH);
    Invocation.Result failed = function.invoke(event("T"));

    Replay replay =
        function.replay(
            event("T"),
            RecordingCodec.decode(RecordingCodec.encode(failed.recording().orElseThrow())));

    assertEquals(failed.outcome(), replay.result().outcome());
    assertEquals(Optional.empty(), replay.divergence());
  }

  @Test
  void anEventWithoutDataIsAnEventWithNoBytes() throws DeployException {
    WasmFunction function = deploy(InstanceMode.FRESH);

    function.invoke(event(bytes(null)));

    assertEquals("D", text(function.invoke(event("D"))));
  }

  static DetachedEvent bytes(byte @Nullable [] data) {
    return DetachedEvent.of("id-1", "test:source", "test.type", Guests.NOON, data);
  }

  String text(Invocation.Result result) {
    return new String(answer(result), StandardCharsets.UTF_8);
  }
}
