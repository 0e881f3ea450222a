package dev.millrace.worker.wasm;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.triggers.FailureKind;
import dev.millrace.triggers.Intake;
import dev.millrace.triggers.Settlement;
import dev.millrace.worker.cores.WorkerThreads;
import dev.millrace.worker.dispatch.Function;
import dev.millrace.worker.dispatch.Invocation;
import dev.millrace.worker.dispatch.Outcome;
import dev.millrace.worker.dispatch.Workers.Turns;
import dev.millrace.worker.wasm.spec.FunctionSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Guests that never end, and what others notice of them. */
class FairnessTest {

  private static final Duration SOON = Duration.ofSeconds(60);
  private static final Duration LATE = Duration.ofMinutes(10);

  private final Engine engine = Engine.open(EngineOptions.defaults());
  private final WorkerThreads threads = WorkerThreads.start(2);

  @AfterEach
  void close() {
    threads.close();
    engine.close();
  }

  @Test
  void anEventDoesNotWaitForTheTimeoutsOfAnotherFunction() throws Exception {
    WasmFunction endless = endless(4, LATE);
    WasmFunction good = engine.deploy(Guests.spec("echo"));
    Intake bad = WaitingTest.intake(threads, endless);
    for (int i = 0; i < 100; i++) {
      assertTrue(bad.offer(Guests.event("x").event(), null, (e, s) -> {}));
    }
    await().atMost(SOON).until(() -> endless.stats().leasedSlots() >= 2);

    List<Settlement> settled = Collections.synchronizedList(new ArrayList<>());
    Intake intake = WaitingTest.intake(threads, good);
    for (int i = 0; i < 20; i++) {
      assertTrue(intake.offer(Guests.event("x").event(), null, (e, s) -> settled.add(s)));
    }

    await().atMost(SOON).until(() -> settled.size() == 20);
    assertEquals(2, endless.stats().leasedSlots(), "and it has the threads that it had");
  }

  @Test
  void manyGuestsThatNeverEndAreAllStopped() throws Exception {
    AtomicInteger stopped = new AtomicInteger();
    AtomicInteger other = new AtomicInteger();
    for (int i = 0; i < 12; i++) {
      WasmFunction endless = endless(4, Duration.ofMillis(200));
      Turns turns = threads.turns(endless);
      for (int turn = 0; turn < 4; turn++) {
        turns.execute(() -> count(endless, stopped, other));
      }
    }

    await().atMost(SOON).until(() -> stopped.get() + other.get() == 48);
    assertEquals(48, stopped.get());
  }

  private WasmFunction endless(int concurrency, Duration timeout) throws DeployException {
    FunctionSpec spec = Guests.withTimeout(Guests.spec("loop-br"), timeout);
    return engine.deploy(Guests.withConcurrency(spec, concurrency));
  }

  private static void count(Function function, AtomicInteger stopped, AtomicInteger other) {
    Outcome outcome = function.invoke(new Invocation(Guests.event("x").event(), "t", 1)).outcome();
    boolean timeout =
        outcome instanceof Outcome.Failed failed && failed.kind() == FailureKind.TIMEOUT;
    (timeout ? stopped : other).incrementAndGet();
  }
}
