package dev.millrace.worker.wasm;

import static dev.millrace.worker.wasm.Guests.event;
import static dev.millrace.worker.wasm.Guests.failure;
import static dev.millrace.worker.wasm.Guests.spec;
import static dev.millrace.worker.wasm.Guests.with;
import static dev.millrace.worker.wasm.Guests.withTimeout;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.triggers.FailureKind;
import dev.millrace.triggers.Recording;
import dev.millrace.triggers.RecordingCodec;
import dev.millrace.worker.dispatch.Invocation;
import dev.millrace.worker.wasm.deadline.Deadline;
import dev.millrace.worker.wasm.deadline.Watchdog;
import dev.millrace.worker.wasm.recording.HostClock;
import dev.millrace.worker.wasm.recording.Player;
import dev.millrace.worker.wasm.recording.Recorder;
import dev.millrace.worker.wasm.recording.Replay;
import dev.millrace.worker.wasm.recording.TapeWriter;
import dev.millrace.worker.wasm.spec.FunctionSpec;
import dev.millrace.worker.wasm.spec.FunctionSpec.InstanceMode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Attempts that failed on one machine and are run again on another, as far as a guest can tell. The
 * guest {@code fickle} puts all that it learned from its host into its error.
 *
 * <p>Answering {@code random_get} from the world in {@link Player} makes {@code
 * failsTheSameWayWithTheSameClocksAndRandomNumbers} fail.
 */
class ReplayTest {

  private final Engine here = Engine.open(EngineOptions.defaults());
  private final Engine elsewhere =
      Engine.open(
          EngineOptions.defaults()
              .withWallClock(InstantSource.fixed(Instant.EPOCH))
              .withTicker(() -> 42)
              .withRandom(new Random(7)));

  @AfterEach
  void close() {
    here.close();
    elsewhere.close();
  }

  private static Recording recording(Invocation.Result result) {
    return RecordingCodec.decode(RecordingCodec.encode(result.recording().orElseThrow()));
  }

  @Test
  void failsTheSameWayWithTheSameClocksAndRandomNumbers() throws DeployException {
    WasmFunction function = here.deploy(spec("fickle"));
    Invocation.Result first = function.invoke(event("x"));
    Invocation.Result second = function.invoke(event("x"));
    assertNotEquals(
        failure(FailureKind.REJECTED, first).error(),
        failure(FailureKind.REJECTED, second).error(),
        "each invocation has random numbers of its own");

    WasmFunction again = elsewhere.deploy(spec("fickle"));
    for (Invocation.Result result : new Invocation.Result[] {second, first}) {
      Replay replay = again.replay(event("x"), recording(result));

      assertEquals(result.outcome(), replay.result().outcome());
      assertEquals(Optional.empty(), replay.divergence());
      assertFalse(replay.beyondCut());
    }
  }

  @Test
  void keepsWhatMustBeKnownToDoSo() throws DeployException {
    WasmFunction function = here.deploy(spec("fickle"));

    Recording recording = recording(function.invoke(event("x")));

    assertEquals(function.module(), recording.module());
    assertEquals(Duration.ofSeconds(20), recording.limits().timeout());
    assertEquals(4 << 20, recording.limits().memoryBytes());
    assertEquals(1, recording.attempt());
    assertEquals(0, recording.earlierEvents());
    assertEquals(32, recording.start().seed().length);
    assertEquals(32, recording.run().seed().length);
    assertEquals(0, recording.start().entries().length);
    assertTrue(recording.run().entries().length <= 26, "compact");
  }

  @Test
  void keepsNothingOfASuccess() throws DeployException {
    WasmFunction function = here.deploy(spec("fickle"));
    function.invoke(event("x"));

    assertEquals(Optional.empty(), function.invoke(event("D")).recording());
  }

  @Test
  void aRecordingHoldsNothingOfTheInvocationBeforeIt() throws DeployException {
    WasmFunction function = here.deploy(spec("fickle"));
    function.invoke(event("x"));

    Recording recording = recording(function.invoke(event("N")));

    assertEquals(0, recording.run().seed().length);
  }

  @Test
  void saysWhatTheGuestAskedForThatItHadNotAskedForThen() throws DeployException {
    WasmFunction function = here.deploy(spec("fickle"));
    Recording recording = recording(function.invoke(event("x")));
    Recording unseeded = recording(function.invoke(event("N")));
    Recording longer = recording(function.invoke(event("C")));

    assertEquals(
        Optional.of(
            "asked for the time of day where it asked for the monotonic clock when it was recorded"),
        function.replay(event("C"), recording).divergence());
    assertEquals(
        Optional.of("asked for random numbers, which it did not when it was recorded"),
        function.replay(event("x"), unseeded).divergence());
    assertEquals(
        Optional.of(
            "asked for the monotonic clock where it asked for the time of day when it was recorded"),
        function.replay(event("x"), longer).divergence());
    Replay less = function.replay(event("D"), recording);
    assertEquals(Optional.of("asked for less than it did when it was recorded"), less.divergence());
    assertTrue(less.onlyLength());
  }

  @Test
  void saysThatTheRecordingWasCutAndGoesOnWithTheWorld() throws DeployException {
    WasmFunction function = here.deploy(spec("fickle"));
    Recording recording = recording(function.invoke(event("L")));
    assertTrue(recording.run().cut());
    assertTrue(recording.run().entries().length <= TapeWriter.LIMIT_BYTES);

    Replay replay = elsewhere.deploy(spec("fickle")).replay(event("L"), recording);

    assertTrue(replay.beyondCut());
    assertEquals(Optional.empty(), replay.divergence());
    failure(FailureKind.REJECTED, replay.result());
  }

  @Test
  void aTimeoutComesAgain() throws DeployException {
    FunctionSpec impatient = withTimeout(spec("fickle"), Duration.ofMillis(100));
    WasmFunction function = here.deploy(impatient);
    for (String data : new String[] {"S", "T"}) {
      Invocation.Result result = function.invoke(event(data));
      failure(FailureKind.TIMEOUT, result);

      Replay replay = elsewhere.deploy(impatient).replay(event(data), recording(result));

      assertEquals(result.outcome(), replay.result().outcome());
      assertTrue(replay.divergence().isEmpty() || replay.onlyLength());
    }
  }

  @Test
  void aFailureWhileTheGuestWasInitializedComesAgain() throws DeployException {
    // Reused, so that the trap of an event makes another sandbox.
    FunctionSpec spec = with(spec("trap-initialize-later"), InstanceMode.REUSE);
    WasmFunction function = deployed(here, spec);
    Invocation.Result result = function.invoke(event("x"));
    for (int i = 0; !errorOf(result).endsWith("(while the guest was initialized)"); i++) {
      assertTrue(i < 200, "a random byte is never odd");
      result = function.invoke(event("x"));
    }
    WasmFunction again = deployed(elsewhere, spec);

    Replay replay = again.replay(event("x"), recording(result));

    assertEquals(result.outcome(), replay.result().outcome());
    assertEquals(Optional.empty(), replay.divergence());
  }

  @Test
  void tellsHowManyEventsWentBeforeInAReusedSandbox() throws DeployException {
    WasmFunction function = here.deploy(with(spec("fickle"), InstanceMode.REUSE));
    function.invoke(event("D"));
    function.invoke(event("x"));

    assertEquals(2, recording(function.invoke(event("x"))).earlierEvents());
  }

  @Test
  void dataBeyondTheInputLimitIsRefusedAgain() throws DeployException {
    WasmFunction function = here.deploy(spec("echo"));
    Invocation large = event("x".repeat((1 << 20) + 1));
    Invocation.Result result = function.invoke(large);

    Replay replay = function.replay(large, recording(result));

    assertEquals(result.outcome(), replay.result().outcome());
    assertEquals(Optional.empty(), replay.divergence());
  }

  @Test
  void answersOfOtherHostCallsComeAgainInTheirOrder() {
    HostClock clock = new HostClock(InstantSource.system(), System::nanoTime, new Random(1));
    Deadline deadline = new Watchdog(() -> {}, Duration.ofSeconds(1)).newDeadline();
    Recorder recorder = new Recorder(clock, deadline);
    recorder.starting();
    recorder.started();
    recorder.running();
    recorder.answer("kv.get", () -> bytes("one"));
    long then = recorder.nanos(HostClock.MONOTONIC);
    recorder.answer("kv.get", () -> null);
    recorder.answer("http", () -> bytes(""));
    Recording recording =
        new Recording(
            "m",
            new Recording.Limits(Duration.ofSeconds(1), 1, 2, 3, 4),
            1,
            0,
            recorder.start(),
            recorder.run());

    Player player =
        new Player(RecordingCodec.decode(RecordingCodec.encode(recording)), clock, deadline);
    player.starting();
    player.started();
    player.running();

    assertArrayEquals(bytes("one"), player.answer("kv.get", ReplayTest::nobody));
    assertEquals(then, player.nanos(HostClock.MONOTONIC));
    assertNull(player.answer("kv.get", ReplayTest::nobody));
    assertArrayEquals(bytes(""), player.answer("http", ReplayTest::nobody));
    assertArrayEquals(bytes("live"), player.answer("once", () -> bytes("live")));
  }

  @Test
  void aRecordingThatIsDamagedIsRefusedWithASentence() throws DeployException {
    byte[] whole = RecordingCodec.encode(recording(here.deploy(spec("fickle")).invoke(event("x"))));
    for (int i = 0; i < whole.length; i++) {
      byte[] damaged = whole.clone();
      damaged[i] ^= 4;
      assertThrows(IllegalArgumentException.class, () -> RecordingCodec.decode(damaged));
      byte[] short1 = Arrays.copyOf(whole, i);
      assertThrows(IllegalArgumentException.class, () -> RecordingCodec.decode(short1));
    }
  }

  /** Deploys a guest whose initialization fails now and then. */
  private static WasmFunction deployed(Engine engine, FunctionSpec spec) throws DeployException {
    for (int i = 0; i < 200; i++) {
      try {
        return engine.deploy(spec);
      } catch (DeployException unlucky) {
        assertTrue(unlucky.getMessage().contains("initialized"), unlucky.getMessage());
      }
    }
    throw new AssertionError("a random byte is never even");
  }

  private static byte[] nobody() {
    throw new AssertionError("asked the world");
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String errorOf(Invocation.Result result) {
    return failure(FailureKind.TRAP, result).error();
  }
}
