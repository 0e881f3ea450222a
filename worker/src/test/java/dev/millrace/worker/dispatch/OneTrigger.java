package dev.millrace.worker.dispatch;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.abi.Event;
import dev.millrace.abi.Message;
import dev.millrace.triggers.DeadLetter;
import dev.millrace.triggers.DeadLetterSink;
import dev.millrace.triggers.FailureKind;
import dev.millrace.triggers.Intake;
import dev.millrace.triggers.Publisher;
import dev.millrace.triggers.Settlement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** A dispatcher with one trigger, whose time, threads and function are the test's. */
final class OneTrigger {

  /** What the function does with an event. */
  interface Script {
    Outcome run(Invocation invocation);
  }

  static final Outcome DONE = new Outcome.Succeeded(null, List.of());
  static final Outcome BUSY = Outcome.Failed.of(FailureKind.RETRY_REQUESTED, "busy");
  static final Outcome REJECTED = Outcome.Failed.of(FailureKind.REJECTED, "never");

  final ManualTimer timer = new ManualTimer();
  final ManualExecutor workers = new ManualExecutor();
  Workers threads = Workers.on(workers);
  int turn = 1;
  final List<String> ran = new ArrayList<>();
  final Map<String, Settlement> settled = new LinkedHashMap<>();
  final List<DeadLetter> letters = new ArrayList<>();
  Script script = invocation -> DONE;
  RetryPolicy retry = RetryPolicy.DEFAULT;
  Bounds bounds = Bounds.DEFAULT;
  FunctionPolicy function = FunctionPolicy.DEFAULT;
  CrashRecord crashes = CrashRecord.NONE;
  OnceKeys onceKeys = OnceKeys.inMemory();
  List<OnceKeys.Claim> claims = List.of();
  Optional<KeyQueue> keys = Optional.empty();
  Optional<Parking> parking = Optional.empty();
  Optional<Deduplication> duplicates = Optional.empty();
  int concurrency = 1;

  private @Nullable Dispatcher dispatcher;
  private @Nullable Intake intake;

  Dispatcher dispatcher() {
    Dispatcher made = dispatcher;
    if (made == null) {
      made =
          new Dispatcher(
              new Surroundings(
                  threads,
                  timer,
                  timer,
                  new SplittableRandom(1),
                  DispatchListener.NONE,
                  crashes,
                  onceKeys,
                  turn),
              Map.of("f", function));
      dispatcher = made;
      intake =
          made.intake(
              new TriggerPolicy(
                  "t",
                  new Scripted(),
                  bounds,
                  retry,
                  Optional.empty(),
                  new NoPublisher(),
                  new Keeping(Optional.of(new Letters()), parking, keys, duplicates)));
    }
    return made;
  }

  Intake intake() {
    dispatcher();
    Intake made = intake;
    if (made == null) {
      throw new IllegalStateException();
    }
    return made;
  }

  boolean offer(String id) {
    return offer(id, null);
  }

  boolean offer(String id, @Nullable Object lane) {
    return offer(event(id), id, lane);
  }

  /** Offers an event whose settlement is noted under another name than its id. */
  boolean offer(Event event, String name, @Nullable Object lane) {
    return intake().offer(event, lane, (settledEvent, settlement) -> settled.put(name, settlement));
  }

  static DetachedEvent event(String id) {
    return DetachedEvent.of(id, "test", "test", java.time.Instant.EPOCH, "x");
  }

  /** Runs what is ready, without moving the time. */
  OneTrigger runAll() {
    dispatcher();
    workers.runAll();
    return this;
  }

  /** Moves the time and runs what became ready. */
  OneTrigger pass(Duration duration) {
    Duration step = Duration.ofMillis(50);
    for (Duration gone = Duration.ZERO; gone.compareTo(duration) < 0; gone = gone.plus(step)) {
      timer.advance(step);
      workers.runAll();
    }
    return this;
  }

  private final class Scripted implements Function {
    @Override
    public String name() {
      return "f";
    }

    @Override
    public int concurrency() {
      return concurrency;
    }

    @Override
    public Invocation.Result invoke(Invocation invocation) {
      ran.add(invocation.event().id());
      return new Invocation.Result(
          script.run(invocation), "v", Duration.ZERO, "", Optional.empty(), claims);
    }
  }

  private final class Letters implements DeadLetterSink {
    @Override
    public CompletionStage<Void> store(DeadLetter letter) {
      letters.add(letter);
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public String description() {
      return "list";
    }

    @Override
    public void close() {}
  }

  private static final class NoPublisher implements Publisher {
    @Override
    public CompletionStage<Void> publish(List<Message> messages) {
      return CompletableFuture.failedFuture(new IllegalStateException("nothing to publish"));
    }

    @Override
    public void close() {}
  }
}
