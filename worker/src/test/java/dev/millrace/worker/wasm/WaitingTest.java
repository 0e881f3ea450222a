package dev.millrace.worker.wasm;

import static dev.millrace.worker.wasm.Guests.failure;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.abi.Message;
import dev.millrace.triggers.FailureKind;
import dev.millrace.triggers.Intake;
import dev.millrace.triggers.Publisher;
import dev.millrace.triggers.Settlement;
import dev.millrace.worker.cores.Seat;
import dev.millrace.worker.cores.Seats;
import dev.millrace.worker.cores.WorkerThreads;
import dev.millrace.worker.dispatch.Bounds;
import dev.millrace.worker.dispatch.CrashRecord;
import dev.millrace.worker.dispatch.DispatchListener;
import dev.millrace.worker.dispatch.Dispatcher;
import dev.millrace.worker.dispatch.Invocation;
import dev.millrace.worker.dispatch.Keeping;
import dev.millrace.worker.dispatch.OnceKeys;
import dev.millrace.worker.dispatch.Outcome;
import dev.millrace.worker.dispatch.RetryPolicy;
import dev.millrace.worker.dispatch.Surroundings;
import dev.millrace.worker.dispatch.TriggerPolicy;
import dev.millrace.worker.wasm.host.HttpGateway;
import dev.millrace.worker.wasm.host.KeyValues;
import dev.millrace.worker.wasm.host.Outside;
import dev.millrace.worker.wasm.host.UnavailableException;
import dev.millrace.worker.wasm.spec.FunctionSpec;
import dev.millrace.worker.wasm.spec.Grants;
import dev.millrace.worker.wasm.spec.HttpOrigin;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Guests that wait for somebody, on virtual threads, with one seat for all of them. */
class WaitingTest {

  private static final Duration SOON = Duration.ofSeconds(30);
  private static final Duration SHORT = Duration.ofMillis(300);
  private static final String URL = "http://api.example/";

  /** What a request meets on its way; the answer is always the same. */
  private interface Server {
    void asked() throws InterruptedException, UnavailableException;
  }

  private final Seats seats = Seats.open(1, 0);
  private volatile Server server = () -> {};
  private final Engine engine =
      Engine.open(
          EngineOptions.defaults().withOutside(Outside.inMemory().withHttp(this::send)), seats);

  private HttpGateway.Answer send(HttpGateway.Request request)
      throws InterruptedException, UnavailableException {
    server.asked();
    return new HttpGateway.Response(200, List.of(), new byte[0]);
  }

  @AfterEach
  void close() {
    engine.close();
  }

  @Test
  void whoWaitsLeavesItsSeatToOthers() throws Exception {
    CyclicBarrier both = new CyclicBarrier(2);
    server = () -> meet(both);
    WasmFunction function = asking(2, SOON);

    FutureTask<Invocation.Result> one = start(function);
    FutureTask<Invocation.Result> other = start(function);

    assertSucceeded(one);
    assertSucceeded(other);
  }

  @Test
  void aThousandWaitAtOnceAndAllAreSettled() throws Exception {
    CountDownLatch inside = new CountDownLatch(1000);
    server =
        () -> {
          inside.countDown();
          assertTrue(inside.await(SOON.toSeconds(), TimeUnit.SECONDS), "not all are inside");
        };
    WasmFunction function = asking(1000, Duration.ofMinutes(2));
    List<Settlement> settled = Collections.synchronizedList(new ArrayList<>());
    try (WorkerThreads threads = WorkerThreads.start(1)) {
      Intake intake = intake(threads, function);
      for (int i = 0; i < 1000; i++) {
        assertTrue(intake.offer(Guests.event(URL).event(), null, (e, s) -> settled.add(s)));
      }
      await().atMost(SOON).until(() -> settled.size() == 1000);
    }

    assertEquals(Set.of(Settlement.DONE), Set.copyOf(settled));
    assertEquals(1000, function.stats().invocations());
    assertEquals(0, function.stats().leasedSlots());
  }

  @Test
  void theDeadlineCoversTheWaitToTakeTheSeatBack() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch answers = new CountDownLatch(1);
    server =
        () -> {
          asked.countDown();
          answers.await();
        };
    WasmFunction function = asking(1, SHORT);
    FutureTask<Invocation.Result> running = start(function);
    assertTrue(asked.await(SOON.toSeconds(), TimeUnit.SECONDS));
    Seat taken = takeTheSeat();

    answers.countDown();

    failure(FailureKind.TIMEOUT, running.get(SOON.toSeconds(), TimeUnit.SECONDS));
    taken.leave();
    assertSucceeded(start(function));
  }

  @Test
  void theDeadlineCoversTheWaitForTheFirstSeat() throws Exception {
    WasmFunction function = asking(1, SHORT);
    Seat taken = takeTheSeat();

    String error =
        failure(FailureKind.INFRASTRUCTURE, start(function).get(SOON.toSeconds(), TimeUnit.SECONDS))
            .error();

    assertTrue(error.contains("no core was free within limits.timeout"), error);
    taken.leave();
    assertSucceeded(start(function));
  }

  @Test
  void anInterruptEndsTheWaitForAnAnswer() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    server =
        () -> {
          asked.countDown();
          new CountDownLatch(1).await();
        };
    WasmFunction function = asking(1, SOON);
    FutureTask<Invocation.Result> running = new FutureTask<>(() -> invoke(function));
    Thread thread = Thread.ofVirtual().start(running);
    assertTrue(asked.await(SOON.toSeconds(), TimeUnit.SECONDS));

    thread.interrupt();

    failure(FailureKind.INFRASTRUCTURE, running.get(SOON.toSeconds(), TimeUnit.SECONDS));
    server = () -> {};
    assertSucceeded(start(function));
  }

  @Test
  void anInterruptEndsTheWaitToTakeTheSeatBack() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch answers = new CountDownLatch(1);
    server =
        () -> {
          asked.countDown();
          answers.await();
        };
    WasmFunction function = asking(1, SOON);
    FutureTask<Invocation.Result> running = new FutureTask<>(() -> invoke(function));
    Thread thread = Thread.ofVirtual().start(running);
    assertTrue(asked.await(SOON.toSeconds(), TimeUnit.SECONDS));
    Seat taken = takeTheSeat();
    answers.countDown();

    thread.interrupt();

    failure(FailureKind.INFRASTRUCTURE, running.get(SOON.toSeconds(), TimeUnit.SECONDS));
    taken.leave();
    server = () -> {};
    assertSucceeded(start(function));
  }

  @Test
  void whoGetsNoAnswerTakesItsSeatBackToo() throws Exception {
    server =
        () -> {
          throw new UnavailableException("nobody is there");
        };
    WasmFunction function = asking(1, SOON);

    failure(FailureKind.RETRY_REQUESTED, start(function).get(SOON.toSeconds(), TimeUnit.SECONDS));

    server = () -> {};
    assertSucceeded(start(function));
  }

  @Test
  void whatRanIsNotedOnlyWhileItsGuestRuns() throws Exception {
    List<String> noted = new ArrayList<>();
    CrashRecord.Note note =
        new CrashRecord.Note() {
          @Override
          public void waits() {
            noted.add("waits");
          }

          @Override
          public void goesOn() {
            noted.add("goes on");
          }

          @Override
          public void returned() {
            noted.add("returned");
          }
        };
    server = () -> noted.add("asked");
    WasmFunction function = asking(1, SOON);

    function.invoke(new Invocation(Guests.event(URL).event(), "t", 1, note));

    assertEquals(List.of("waits", "asked", "goes on"), noted);
  }

  @Test
  void aFunctionWaitsIfItsModuleAsksAndItsGrantsAllow() throws DeployException {
    assertTrue(asking(1, SOON).waits());
    assertFalse(engine.deploy(Guests.spec("http-get")).waits(), "not granted");
    FunctionSpec echo = Guests.spec("echo");
    assertFalse(engine.deploy(echo.withGrants(http())).waits(), "does not ask");
    FunctionSpec calls = Guests.spec("host-calls");
    assertFalse(engine.deploy(calls).waits());
    assertTrue(engine.deploy(calls.withGrants(new Grants(Set.of(), true))).waits());
    Grants values = Grants.NONE.withKeyValues(Set.of(Outside.DEFAULT_STORE));
    assertFalse(engine.deploy(calls.withGrants(values)).waits(), "values in memory");
    Outside remote =
        Outside.inMemory().withKeyValues(Map.of(Outside.DEFAULT_STORE, new RemoteValues()));
    try (Engine other = Engine.open(EngineOptions.defaults().withOutside(remote))) {
      assertTrue(other.deploy(calls.withGrants(values)).waits());
    }
  }

  private WasmFunction asking(int concurrency, Duration timeout) throws DeployException {
    FunctionSpec spec = Guests.withTimeout(Guests.spec("http-get"), timeout);
    return engine.deploy(Guests.withConcurrency(spec, concurrency).withGrants(http()));
  }

  private static Grants http() {
    return Grants.NONE.withHttp(Set.of(HttpOrigin.parse("http://api.example", false)));
  }

  private Seat takeTheSeat() throws InterruptedException {
    Seat seat = seats.row().seat();
    assertTrue(seat.take(SOON.toNanos()));
    return seat;
  }

  private static FutureTask<Invocation.Result> start(WasmFunction function) {
    FutureTask<Invocation.Result> task = new FutureTask<>(() -> invoke(function));
    Thread.ofVirtual().start(task);
    return task;
  }

  private static Invocation.Result invoke(WasmFunction function) {
    return function.invoke(Guests.event(URL));
  }

  private static void assertSucceeded(FutureTask<Invocation.Result> running) throws Exception {
    Outcome outcome = running.get(SOON.toSeconds(), TimeUnit.SECONDS).outcome();
    assertInstanceOf(Outcome.Succeeded.class, outcome, outcome::toString);
  }

  private static void meet(CyclicBarrier barrier) throws InterruptedException {
    try {
      barrier.await(SOON.toSeconds(), TimeUnit.SECONDS);
    } catch (BrokenBarrierException | TimeoutException e) {
      throw new IllegalStateException("they did not wait at the same time", e);
    }
  }

  static Intake intake(WorkerThreads threads, WasmFunction function) {
    Surroundings around =
        new Surroundings(
            threads,
            (delay, task) -> {},
            InstantSource.system(),
            new Random(1),
            DispatchListener.NONE,
            CrashRecord.NONE,
            OnceKeys.inMemory(),
            64);
    return new Dispatcher(around, Map.of())
        .intake(
            new TriggerPolicy(
                "t",
                function,
                Bounds.DEFAULT,
                RetryPolicy.DEFAULT,
                Optional.empty(),
                new NoPublisher(),
                new Keeping(
                    Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty())));
  }

  private static final class NoPublisher implements Publisher {
    @Override
    public CompletionStage<Void> publish(List<Message> messages) {
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public void close() {}
  }

  /** Nobody asks it. */
  private static final class RemoteValues implements KeyValues {
    @Override
    public byte @Nullable [] get(String key) {
      return null;
    }

    @Override
    public void set(String key, byte[] value, Duration timeToLive) {}

    @Override
    public boolean delete(String key) {
      return false;
    }

    @Override
    public boolean compareAndSet(
        String key, byte @Nullable [] expected, byte @Nullable [] value, Duration timeToLive) {
      return false;
    }

    @Override
    public OptionalLong increment(String key, long delta, Duration timeToLive) {
      return OptionalLong.empty();
    }
  }
}
