package dev.millrace.worker.wasm;

import static dev.millrace.worker.wasm.Guests.event;
import static dev.millrace.worker.wasm.Guests.failure;
import static dev.millrace.worker.wasm.Guests.reply;
import static dev.millrace.worker.wasm.Guests.replyBytes;
import static dev.millrace.worker.wasm.Guests.spec;
import static dev.millrace.worker.wasm.Guests.with;
import static dev.millrace.worker.wasm.Guests.withConcurrency;
import static dev.millrace.worker.wasm.Guests.withConfig;
import static dev.millrace.worker.wasm.Guests.withTimeout;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.triggers.FailureKind;
import dev.millrace.worker.dispatch.Invocation;
import dev.millrace.worker.dispatch.Outcome;
import dev.millrace.worker.wasm.files.GuestFiles;
import dev.millrace.worker.wasm.module.Sha256;
import dev.millrace.worker.wasm.spec.AbiSpec;
import dev.millrace.worker.wasm.spec.FunctionSpec;
import dev.millrace.worker.wasm.spec.FunctionSpec.AbiKind;
import dev.millrace.worker.wasm.spec.FunctionSpec.InstanceMode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Versions, slots and swapping under load. */
class VersionsTest {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final AtomicLong nanos = new AtomicLong();
  private final Engine engine = Engine.open(EngineOptions.defaults().withTicker(nanos::get));
  private final ExecutorService threads = Executors.newFixedThreadPool(8);

  @AfterEach
  void close() {
    threads.shutdownNow();
    engine.close();
  }

  @Test
  void aSwapChangesWhatTheNextInvocationRuns() throws DeployException {
    WasmFunction function = engine.deploy(spec("f", Guests.file("echo")));
    String before = function.version();
    assertEquals("x", reply(function.invoke(event("x"))));

    function.swap(spec("f", Guests.file("data-drop")));

    assertEquals("once", reply(function.invoke(event("x"))));
    assertNotEquals(before, function.version());
  }

  @Test
  void aFailedSwapLeavesTheLiveVersion() throws DeployException {
    WasmFunction function = engine.deploy(spec("f", Guests.file("echo")));
    String before = function.version();

    assertThrows(
        DeployException.class, () -> function.swap(spec("f", Guests.file("trap-initialize"))));

    assertEquals(before, function.version());
    assertEquals("x", reply(function.invoke(event("x"))));
  }

  @Test
  void anInvocationKeepsItsVersionAndTheOldOneDrains()
      throws DeployException, InterruptedException, ExecutionException {
    WasmFunction function =
        engine.deploy(withTimeout(spec("f", Guests.file("loop-br")), Duration.ofSeconds(2)));
    String before = function.version();
    Future<Invocation.Result> running = threads.submit(() -> function.invoke(event("x")));
    await().atMost(PATIENCE).until(() -> function.stats().leasedSlots() == 1);

    function.swap(withConcurrency(spec("f", Guests.file("echo")), 2));

    assertEquals("new", reply(function.invoke(event("new"))));
    assertEquals(1, function.stats().leasedSlots());
    failure(FailureKind.TIMEOUT, running.get());
    assertEquals(before, running.get().version());
    await().atMost(PATIENCE).until(() -> function.stats().leasedSlots() == 0);
    assertEquals(1, function.stats().idleSlots());
  }

  @Test
  void swappingUnderLoadLosesNoInvocation() throws Exception {
    WasmFunction function = engine.deploy(withConcurrency(spec("f", Guests.file("echo")), 4));
    AtomicBoolean stop = new AtomicBoolean();
    AtomicInteger done = new AtomicInteger();
    List<Future<Integer>> callers = new ArrayList<>();
    for (int t = 0; t < 3; t++) {
      callers.add(
          threads.submit(
              () -> {
                int calls = 0;
                while (!stop.get()) {
                  assertEquals("x" + calls, reply(function.invoke(event("x" + calls))));
                  calls++;
                  done.incrementAndGet();
                }
                return calls;
              }));
    }

    for (int i = 0; i < 12; i++) {
      int before = done.get();
      function.swap(
          withConfig(
              withConcurrency(spec("f", Guests.file("echo")), 1 + i % 4),
              Map.of("swap", Integer.toString(i)),
              Map.of()));
      await().atMost(PATIENCE).until(() -> done.get() > before + 10);
    }
    stop.set(true);

    int calls = 0;
    for (Future<Integer> caller : callers) {
      calls += caller.get();
    }
    assertEquals(calls, function.stats().invocations());
    assertEquals(0, function.stats().leasedSlots());
  }

  @Test
  void concurrencyIsNeverExceeded() throws Exception {
    WasmFunction function =
        engine.deploy(
            withTimeout(
                withConcurrency(spec("f", Guests.file("loop-br")), 2), Duration.ofMillis(150)));
    AtomicBoolean stop = new AtomicBoolean();
    Future<Integer> watcher =
        threads.submit(
            () -> {
              int most = 0;
              while (!stop.get()) {
                most = Math.max(most, function.stats().leasedSlots());
              }
              return most;
            });
    List<Future<Invocation.Result>> calls = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      calls.add(threads.submit(() -> function.invoke(event("x"))));
    }
    for (Future<Invocation.Result> call : calls) {
      // it either ran, or found no place within its timeout
      Outcome.Failed failed = (Outcome.Failed) call.get().outcome();
      assertTrue(
          failed.kind() == FailureKind.TIMEOUT || failed.kind() == FailureKind.INFRASTRUCTURE,
          failed::error);
    }
    stop.set(true);

    int most = watcher.get();
    assertTrue(most >= 1 && most <= 2, () -> "leased " + most);
  }

  @Test
  void theWarmestSlotIsUsedAndIdleOnesAreLetGo() throws DeployException {
    WasmFunction function =
        engine.deploy(withConcurrency(with(spec("remember"), InstanceMode.REUSE), 4));
    replyBytes(function.invoke(event("")));
    assertEquals(1, function.stats().idleSlots());

    engine.keepHouse();
    nanos.addAndGet(Duration.ofSeconds(59).toNanos());
    engine.keepHouse();
    assertEquals(1, function.stats().idleSlots());
    replyBytes(function.invoke(event("")));
    nanos.addAndGet(Duration.ofSeconds(59).toNanos());
    engine.keepHouse(); // from this look on it is idle again
    nanos.addAndGet(Duration.ofSeconds(59).toNanos());
    engine.keepHouse();
    assertEquals(1, function.stats().idleSlots());
    nanos.addAndGet(Duration.ofSeconds(1).toNanos());
    engine.keepHouse();

    assertEquals(0, function.stats().idleSlots());
    assertArrayEquals(new byte[] {7, 7}, replyBytes(function.invoke(event(""))));
    assertEquals(2, function.stats().coldStarts());
  }

  @Test
  void everyResetIsCountedAndTheFirstOneTimed() throws DeployException {
    WasmFunction function = engine.deploy(spec("echo"));
    reply(function.invoke(event("x")));
    long first = function.stats().resetNanos();
    assertTrue(first > 0);

    for (int i = 0; i < 15; i++) {
      reply(function.invoke(event("x")));
    }
    assertEquals(16, function.stats().resets());
    assertEquals(first, function.stats().resetNanos(), "the next one is timed for sixteen");
    reply(function.invoke(event("x")));
    assertTrue(function.stats().resetNanos() > first);
  }

  @Test
  void aVersionIsNamedByModuleAbiAndConfigurationButNoSecret() {
    byte[] module = {1, 2, 3};
    FunctionSpec spec = withConfig(spec("echo"), Map.of("a", "1", "b", "2"), Map.of("s", "x"));
    String version = digest(module, spec, AbiKind.MILLRACE);

    assertTrue(version.matches("[0-9a-f]{64}"));
    assertEquals(
        version,
        digest(
            module,
            withConfig(spec, Map.of("b", "2", "a", "1"), Map.of("s", "rotated")),
            AbiKind.MILLRACE));
    List<String> others =
        List.of(
            digest(new byte[] {1, 2, 4}, spec, AbiKind.MILLRACE),
            digest(module, spec, AbiKind.COMMAND),
            digest(module, with(spec, InstanceMode.REUSE), AbiKind.MILLRACE),
            digest(module, withTimeout(spec, Duration.ofSeconds(1)), AbiKind.MILLRACE),
            digest(
                module,
                withConfig(spec, Map.of("a", "12", "b", ""), Map.of("s", "x")),
                AbiKind.MILLRACE),
            digest(
                module,
                withConfig(spec, Map.of("a", "1", "b", "2"), Map.of("t", "x")),
                AbiKind.MILLRACE),
            digest(module, with(spec, AbiSpec.AUTO.withExport("run")), AbiKind.MILLRACE),
            digest(
                module,
                with(spec, new AbiSpec(Optional.empty(), Optional.empty(), Set.of(2))),
                AbiKind.MILLRACE),
            digest(module, Guests.withPublishTo(spec, "a/b"), AbiKind.MILLRACE),
            digest(module, with(spec, spec.limits().withScratch(1)), AbiKind.MILLRACE),
            VersionDigest.of(
                Sha256.hex(module),
                spec,
                AbiKind.MILLRACE,
                new GuestFiles(List.of(), "files' digest")));
    assertEquals(others.size(), others.stream().distinct().count());
    assertFalse(others.contains(version));
  }

  private static String digest(byte[] module, FunctionSpec spec, AbiKind abi) {
    return VersionDigest.of(Sha256.hex(module), spec, abi, GuestFiles.NONE);
  }

  @Test
  void anotherNameCannotBeSwappedIn() throws DeployException {
    WasmFunction function = engine.deploy(spec("echo"));

    assertThrows(IllegalArgumentException.class, () -> function.swap(spec("program")));
  }
}
