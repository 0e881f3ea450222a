package dev.millrace.worker.wasm;

import static dev.millrace.worker.wasm.Guests.event;
import static dev.millrace.worker.wasm.Guests.failure;
import static dev.millrace.worker.wasm.Guests.reply;
import static dev.millrace.worker.wasm.Guests.replyBytes;
import static dev.millrace.worker.wasm.Guests.spec;
import static dev.millrace.worker.wasm.Guests.with;
import static dev.millrace.worker.wasm.Guests.withPublishTo;
import static dev.millrace.worker.wasm.Guests.withTimeout;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.triggers.FailureKind;
import dev.millrace.worker.dispatch.Invocation;
import dev.millrace.worker.dispatch.Outcome;
import dev.millrace.worker.wasm.recording.GuestRandom;
import dev.millrace.worker.wasm.spec.FunctionSpec.InstanceMode;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Guests that misbehave. Each gets a named outcome, the thread goes on without a trace of it, and
 * the next event finds a pristine sandbox.
 */
class HostileGuestTest {

  private static final Duration SHORT = Duration.ofMillis(200);

  private final Engine engine = Engine.open(EngineOptions.defaults());

  @AfterEach
  void close() {
    assertFalse(Thread.interrupted(), "an interrupt leaked out of the engine");
    engine.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "loop-br",
        "loop-br-if",
        "loop-br-table",
        "loop-host-call",
        "loop-fill",
        "loop-calls",
        "loop-program",
        "sleep",
        "iovec-flood"
      })
  void endlessGuestsAreStoppedAtTheirDeadline(String guest) throws DeployException {
    WasmFunction function = engine.deploy(withTimeout(spec(guest), SHORT));

    for (int i = 1; i <= 2; i++) {
      assertEquals(
          "function '"
              + guest
              + "': not done after limits.timeout 200 ms and stopped; raise the limit or make it"
              + " faster",
          failure(FailureKind.TIMEOUT, function.invoke(event("x"))).error());
      assertEquals(i, function.stats().timeouts());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"loop-start", "loop-initialize"})
  void endlessInitializationIsStoppedAndNothingIsDeployed(String guest) {
    DeployException refused =
        assertThrows(DeployException.class, () -> engine.deploy(withTimeout(spec(guest), SHORT)));

    assertEquals(Optional.of(FailureKind.TIMEOUT), refused.kind());
  }

  @ParameterizedTest
  @ValueSource(strings = {"recursion", "recursion-host"})
  void endlessRecursionTraps(String guest) throws DeployException {
    WasmFunction function = engine.deploy(withPublishTo(spec(guest), "a/*"));

    for (int i = 0; i < 3; i++) {
      Invocation.Result result = function.invoke(event("x"));
      String error = failure(FailureKind.TRAP, result).error();
      assertTrue(error.contains("call stack exhausted in "), error);
      assertTrue(error.contains(", called by deeper"), error);
    }
    // The host is unharmed: what it does at the end of a stack works afterwards.
    WasmFunction echo = engine.deploy(spec("echo"));
    assertEquals("still here", reply(echo.invoke(event("still here"))));
  }

  @ParameterizedTest
  @ValueSource(strings = {"recursion", "recursion-host"})
  void endlessRecursionTrapsOnAVirtualThreadToo(String guest) throws Exception {
    WasmFunction function = engine.deploy(withPublishTo(spec(guest), "a/*"));
    WasmFunction echo = engine.deploy(spec("echo"));

    for (int i = 0; i < 3; i++) {
      String error = failure(FailureKind.TRAP, onVirtualThread(function, "x")).error();
      assertTrue(error.contains("call stack exhausted in "), error);
      assertEquals("still here", reply(onVirtualThread(echo, "still here")));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"loop-br", "loop-host-call", "sleep"})
  void endlessGuestsAreStoppedOnAVirtualThreadToo(String guest) throws Exception {
    WasmFunction function = engine.deploy(withTimeout(spec(guest), SHORT));
    WasmFunction echo = engine.deploy(spec("echo"));

    for (int i = 0; i < 2; i++) {
      failure(FailureKind.TIMEOUT, onVirtualThread(function, "x"));
      assertEquals("still here", reply(onVirtualThread(echo, "still here")));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"memory-bomb", "memory-two", "memory-bomb-program", "table-bomb"})
  void growingBeyondALimitIsNamedWhenItEndsTheGuest(String guest) throws DeployException {
    WasmFunction function = engine.deploy(spec(guest));

    for (int i = 0; i < 2; i++) {
      String error = failure(FailureKind.MEMORY_LIMIT, function.invoke(event("x"))).error();
      assertTrue(error.contains("wanted more than limits.memory 4194304"), error);
    }
    assertTrue(function.stats().memoryHighWaterBytes() <= 4 << 20, function.stats()::toString);
  }

  @Test
  void growingBeyondALimitIsNoFailureForAGuestThatCopes() throws DeployException {
    WasmFunction function = engine.deploy(spec("memory-frugal"));

    for (int i = 0; i < 3; i++) {
      assertArrayEquals(new byte[] {64}, replyBytes(function.invoke(event("x"))));
    }
    assertEquals(4 << 20, function.stats().memoryHighWaterBytes());
  }

  @Test
  void aGrownTableIsNotSeenByTheNextEventNorByTheNextInstance() throws DeployException {
    WasmFunction function = engine.deploy(spec("table-grow"));

    for (int i = 0; i < 3; i++) {
      assertArrayEquals(new byte[] {1}, replyBytes(function.invoke(event("x"))));
    }
  }

  @Test
  void aDroppedSegmentIsThereForTheNextEvent() throws DeployException {
    WasmFunction function = engine.deploy(spec("data-drop"));

    for (int i = 0; i < 3; i++) {
      assertEquals("once", reply(function.invoke(event("x"))));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"output-bomb", "output-bomb-program", "publish-bomb"})
  void outputBeyondItsLimitFailsTheInvocation(String guest) throws DeployException {
    WasmFunction function = engine.deploy(withPublishTo(spec(guest), "a/b"));

    for (int i = 0; i < 2; i++) {
      assertEquals(
          "function '"
              + guest
              + "': reply and publishes exceed limits.output 1048576; raise the limit or write"
              + " less",
          failure(FailureKind.OUTPUT_LIMIT, function.invoke(event("x"))).error());
    }
  }

  @Test
  void aLogFloodIsCutOffAndTheInvocationGoesOn() throws DeployException {
    WasmFunction function = engine.deploy(spec("log-flood"));

    for (int i = 1; i <= 2; i++) {
      Invocation.Result result = function.invoke(event("x"));

      assertInstanceOf(Outcome.Succeeded.class, result.outcome());
      assertTrue(result.log().startsWith("DEBUG first\nINFO "), "the beginning is kept");
      assertTrue(result.log().endsWith("\nERROR last\n"), "the end is kept");
      assertTrue(result.log().contains(" bytes of log cut off by limits.log]"));
      assertTrue(result.log().length() < 4096 + 100);
      long all = 12 + 1600 * 65542 + 11;
      assertEquals(i * (all - 4096), function.stats().logBytesCutOff());
    }
  }

  @Test
  void aTrapNamesTheFunctionsAndLeavesNothingBehind() throws DeployException {
    WasmFunction function = engine.deploy(spec("trap"));
    byte[] pristine = {'a', 1};

    for (int i = 1; i <= 3; i++) {
      assertArrayEquals(pristine, replyBytes(function.invoke(event("a"))));
      assertEquals(
          "function 'trap': trapped: Trapped on unreachable instruction in explode, called by"
              + " prepare, called by handle",
          failure(FailureKind.TRAP, function.invoke(event("!"))).error());
      assertArrayEquals(pristine, replyBytes(function.invoke(event("a"))));
      assertEquals(i, function.stats().traps());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"trap-bounds", "trap-divide", "trap-indirect"})
  void aFreshSandboxIsPutBackAfterATrap(String guest) throws DeployException {
    WasmFunction function = engine.deploy(spec(guest));

    for (int i = 1; i <= 3; i++) {
      failure(FailureKind.TRAP, function.invoke(event("x")));
      assertEquals(i, function.stats().resets());
    }
    assertEquals(1, function.stats().coldStarts());
  }

  @Test
  void aReusedSandboxGoesWithATrap() throws DeployException {
    WasmFunction function = engine.deploy(with(spec("trap"), InstanceMode.REUSE));

    assertArrayEquals(new byte[] {'a', 1}, replyBytes(function.invoke(event("a"))));
    assertArrayEquals(new byte[] {'a', 2}, replyBytes(function.invoke(event("a"))));
    failure(FailureKind.TRAP, function.invoke(event("!")));
    assertArrayEquals(new byte[] {'a', 1}, replyBytes(function.invoke(event("a"))));
  }

  @Test
  void aSandboxWhoseStackWasFullGoes() throws DeployException {
    WasmFunction function = engine.deploy(spec("recursion"));

    failure(FailureKind.TRAP, function.invoke(event("x")));

    assertEquals(0, function.stats().resets());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "trap-start|Trapped on unreachable instruction|it logged: panicked at the till",
        "trap-bounds|out of bounds memory access|in handle",
        "trap-divide|integer divide by zero|in handle",
        "trap-indirect|uninitialized element 0|in handle",
        "throw|uncaught exception|trapped"
      })
  void everyTrapSaysWhatAndWhere(String guest, String what, String where) throws DeployException {
    WasmFunction function = engine.deploy(spec(guest));

    for (int i = 0; i < 2; i++) {
      String error = failure(FailureKind.TRAP, function.invoke(event("x"))).error();
      assertTrue(error.contains(what) && error.contains(where), error);
    }
  }

  @Test
  void aTrapInInitializeKeepsTheFunctionFromBeingDeployed() {
    DeployException refused =
        assertThrows(DeployException.class, () -> engine.deploy(spec("trap-initialize")));

    assertEquals(Optional.of(FailureKind.TRAP), refused.kind());
    assertTrue(
        refused.getMessage().endsWith("(while the guest was initialized)"), refused.getMessage());
  }

  @Test
  void aTrapInInitializeAfterDeploymentFailsTheInvocationThatNeededTheSandbox()
      throws DeployException {
    // The guest traps when its first random byte is odd: so it does in the second sandbox.
    Iterator<byte[]> next = List.of(seedOf(0), seedOf(1), seedOf(0)).iterator();
    Random seeds =
        new Random() {
          private static final long serialVersionUID = 1L;

          @Override
          public void nextBytes(byte[] bytes) {
            System.arraycopy(next.next(), 0, bytes, 0, bytes.length);
          }
        };
    try (Engine seeded = Engine.open(EngineOptions.defaults().withRandom(seeds))) {
      WasmFunction function =
          seeded.deploy(with(spec("trap-initialize-later"), InstanceMode.REUSE));
      assertFalse(
          failure(FailureKind.TRAP, function.invoke(event("x"))).error().contains("initialized"));

      assertTrue(
          failure(FailureKind.TRAP, function.invoke(event("x")))
              .error()
              .endsWith("(while the guest was initialized)"));
      assertFalse(
          failure(FailureKind.TRAP, function.invoke(event("x"))).error().contains("initialized"));
    }
  }

  @Test
  void anAnswerThatMeansNothingBreaksTheContract() throws DeployException {
    WasmFunction function = engine.deploy(spec("wrong-answer"));

    assertEquals(
        "function 'wrong-answer': 'handle' answered 7; it must be 0 (done), 1 (retry) or 2"
            + " (reject)",
        failure(FailureKind.BROKEN_CONTRACT, function.invoke(event("x"))).error());
  }

  @Test
  void exitingInsteadOfAnsweringIsAnExitCode() throws DeployException {
    WasmFunction function = engine.deploy(spec("exit-handle"));

    assertEquals(
        "function 'exit-handle': ended with exit code 0",
        failure(FailureKind.EXIT_CODE, function.invoke(event("x"))).error());
  }

  @Test
  void anInterruptNeverReachesTheNextEvent() throws DeployException {
    WasmFunction endless = engine.deploy(withTimeout(spec("loop-br-if"), Duration.ofMillis(3)));
    WasmFunction echo = engine.deploy(withTimeout(spec("echo"), Duration.ofMinutes(1)));

    for (int i = 0; i < 200; i++) {
      failure(FailureKind.TIMEOUT, endless.invoke(event("x")));
      assertFalse(Thread.currentThread().isInterrupted());
      assertEquals("good", reply(echo.invoke(event("good"))));
    }
  }

  @Test
  void aNearDeadlineIsKeptWhileADistantOneCounts() throws Exception {
    WasmFunction distant = engine.deploy(withTimeout(spec("loop-br"), Duration.ofSeconds(6)));
    WasmFunction near = engine.deploy(withTimeout(spec("loop-br-if"), SHORT));
    FutureTask<Invocation.Result> running = new FutureTask<>(() -> distant.invoke(event("x")));
    new Thread(running).start();
    while (distant.stats().leasedSlots() == 0) {
      Thread.onSpinWait();
    }

    failure(FailureKind.TIMEOUT, near.invoke(event("x")));

    assertFalse(running.isDone(), "the near deadline waited for the distant one");
    failure(FailureKind.TIMEOUT, running.get());
  }

  @Test
  void aDeadlineThatRacesWithTheReturnIsOneOrTheOther() throws DeployException {
    WasmFunction echo = engine.deploy(withTimeout(spec("echo"), Duration.ofNanos(15_000)));
    WasmFunction relaxed = engine.deploy(spec("echo"));

    for (int i = 0; i < 5000; i++) {
      if (echo.invoke(event("x")).outcome() instanceof Outcome.Failed failed) {
        assertTrue(
            failed.kind() == FailureKind.TIMEOUT || failed.kind() == FailureKind.INFRASTRUCTURE,
            failed::error);
      }
      assertFalse(Thread.currentThread().isInterrupted());
      assertEquals("good", reply(relaxed.invoke(event("good"))));
    }
  }

  @Test
  void anInterruptFromOutsideIsShutdownAndIsKept() throws DeployException {
    WasmFunction endless = engine.deploy(spec("loop-br"));
    Thread guest = Thread.currentThread();
    Thread shutdown =
        new Thread(
            () -> {
              while (endless.stats().leasedSlots() == 0) {
                Thread.onSpinWait();
              }
              guest.interrupt();
            });
    shutdown.start();

    failure(FailureKind.INFRASTRUCTURE, endless.invoke(event("x")));

    assertTrue(Thread.interrupted());
    assertEquals("x", reply(deployEcho().invoke(event("x"))));
  }

  private static Invocation.Result onVirtualThread(WasmFunction function, String data)
      throws Exception {
    FutureTask<Invocation.Result> running = new FutureTask<>(() -> function.invoke(event(data)));
    Thread.ofVirtual().start(running);
    return running.get();
  }

  private WasmFunction deployEcho() throws DeployException {
    return engine.deploy(spec("echo"));
  }

  /** A seed whose first random byte is even or odd. */
  private static byte[] seedOf(int lowestBit) {
    GuestRandom random = new GuestRandom();
    for (byte i = 0; ; i++) {
      byte[] seed = new byte[GuestRandom.SEED_BYTES];
      seed[0] = i;
      byte[] first = new byte[1];
      random.seed(seed);
      random.fill(first);
      if ((first[0] & 1) == lowestBit) {
        return seed;
      }
    }
  }
}
