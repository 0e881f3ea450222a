package dev.millrace.worker.dispatch;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.abi.Event;
import dev.millrace.abi.Message;
import dev.millrace.triggers.DeadLetter;
import dev.millrace.triggers.DeadLetterSink;
import dev.millrace.triggers.FailureKind;
import dev.millrace.triggers.Intake;
import dev.millrace.triggers.PublishException;
import dev.millrace.triggers.Publisher;
import dev.millrace.triggers.Settlement;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One random history: a trigger offers events, a function answers at random, broker and dead-letter
 * sink answer late, wrongly or not at all, and at some moment the worker may shut down. After each
 * step, and at the end, everything the dispatcher promises is checked.
 */
final class Simulation {

  /** A promise of the surroundings that is broken on purpose, to see that the checker notices. */
  enum Break {
    NONE,
    SINK_LIES,
    PUBLISHER_LIES,
    LANES_IGNORED,
    TIMER_FORGETS,
    KEY_QUEUE_LIES,
    KEYS_NOT_PARKED,
    TIMER_EARLY,
    BUDGET_ABSENT,
    WAITING_UNBOUNDED
  }

  private static final int EVENTS = 30;

  /**
   * What a broker or the sink has not answered yet, and what has happened there once it says yes.
   */
  private record Answer(CompletableFuture<Void> stage, Runnable effect) {}

  private final long seed;
  private final Break fault;
  private final SplittableRandom random;
  private final ManualTimer timer = new ManualTimer();
  private final ManualExecutor executor = new ManualExecutor();
  private final List<Answer> answers = new ArrayList<>();
  private final List<String> history = new ArrayList<>();

  private final Bounds bounds;
  private final Bounds waiting;
  private final Optional<BreakerPolicy> breaker;
  private final Optional<RetryBudgetPolicy> budget;
  private final boolean parksKeys;

  /** Whether each event is asked for, as in a store that others use too. */
  private final boolean asksLate;

  private final int concurrency;
  private final boolean drops;
  private final Dispatcher dispatcher;
  private final Intake intake;

  private final Map<String, String> laneOf = new LinkedHashMap<>();
  private final Map<String, Settlement> settled = new HashMap<>();
  private final Set<String> publishedIds = new HashSet<>();
  private final Set<String> owesPublish = new HashSet<>();
  private final Set<String> deadLettered = new HashSet<>();
  private final Map<String, Integer> bytes = new HashMap<>();
  private final Map<String, Parking.Parked> parked = new LinkedHashMap<>();
  private final Set<Settlement> reached = EnumSet.noneOf(Settlement.class);

  /** The store's tables: parked lanes with their letters, and the queues behind them. */
  private final Map<String, String> parkedLanes = new LinkedHashMap<>();

  private final Map<String, List<KeyQueue.Queued>> queues = new HashMap<>();
  private final Set<String> letters = new LinkedHashSet<>();
  private final Map<String, Set<Long>> batches = new HashMap<>();
  private final Set<String> outOfQueue = new HashSet<>();
  private final Set<String> tried = new HashSet<>();
  private final Instant begunAt = timer.instant();
  private Instant calledAgainAt = Instant.MIN;
  private int firstAttempts;
  private int retries;
  private int resumed;
  private long sequence;
  private int offered;
  private boolean healthy;
  private int shutdown;
  private @Nullable String violation;

  Simulation(long seed, Break fault) {
    this.seed = seed;
    this.fault = fault;
    this.random = new SplittableRandom(seed);
    this.bounds = new Bounds(1 + random.nextInt(12), 1 + random.nextInt(200));
    this.concurrency = 1 + random.nextInt(4);
    this.parksKeys = random.nextInt(3) == 0;
    this.asksLate = seed % 2 == 0;
    this.drops = !parksKeys && random.nextInt(8) == 0;
    this.waiting = new Bounds(1 + random.nextInt(12), 1 + random.nextInt(200));
    this.breaker =
        random.nextInt(3) > 0
            ? Optional.empty()
            : Optional.of(
                new BreakerPolicy(
                    0.3 + random.nextDouble() * 0.7,
                    1 + random.nextInt(6),
                    Duration.ofMillis(1 + random.nextInt(1000)),
                    Duration.ofSeconds(5)));
    this.budget =
        random.nextInt(3) > 0
            ? Optional.empty()
            : Optional.of(new RetryBudgetPolicy(0.1 + random.nextDouble(), 1));
    FunctionPolicy functionPolicy =
        new FunctionPolicy(breaker, fault == Break.BUDGET_ABSENT ? Optional.empty() : budget);
    this.dispatcher =
        new Dispatcher(
            new Surroundings(
                executor,
                this::after,
                timer,
                random,
                new BreakerWatch(),
                CrashRecord.NONE,
                OnceKeys.inMemory(),
                1 + random.nextInt(3)),
            Map.of("f", functionPolicy));
    this.intake =
        dispatcher.intake(
            new TriggerPolicy(
                "t",
                new RandomFunction(),
                bounds,
                new RetryPolicy(
                    new Tries(1 + random.nextInt(4), Backoff.DEFAULT),
                    Map.of(),
                    random.nextBoolean()
                        ? Optional.empty()
                        : Optional.of(Duration.ofMillis(1 + random.nextInt(2000))),
                    random.nextInt(3),
                    3,
                    fault == Break.WAITING_UNBOUNDED ? new Bounds(1000, 1 << 20) : waiting),
                random.nextBoolean() ? Optional.of("events/replies") : Optional.empty(),
                new RandomPublisher(),
                new Keeping(
                    drops ? Optional.empty() : Optional.of(new RandomSink()),
                    random.nextBoolean() ? Optional.of(new RandomParking()) : Optional.empty(),
                    parksKeys ? Optional.of(new RandomKeyQueue()) : Optional.empty(),
                    Optional.empty())));
  }

  /** Runs the history to its end and returns the endings it saw. */
  Set<Settlement> run() {
    try {
      boolean shutsDown = random.nextInt(3) == 0;
      int steps = 20 + random.nextInt(400);
      for (int i = 0; i < steps; i++) {
        step(shutsDown);
        checkBounds();
      }
      healthy = true;
      for (int i = 0; (offered < EVENTS && shutdown == 0) || !quiet(); i++) {
        require(i < 100_000, "the history does not come to an end");
        step(false);
        checkBounds();
      }
      checkEnd();
      return reached;
    } catch (Throwable e) {
      throw new AssertionError(
          "seed " + seed + ": " + e.getMessage() + "\n" + String.join("\n", history), e);
    }
  }

  private boolean quiet() {
    return ((parked.isEmpty() && parkedLanes.isEmpty()) || shutdown > 0)
        && executor.size() == 0
        && answers.isEmpty()
        && timer.idle();
  }

  private void step(boolean shutsDown) {
    switch (random.nextInt(shutsDown ? 13 : 12)) {
      case 0, 1, 2 -> offer();
      case 3, 4, 5 -> {
        if (executor.size() > 0) {
          executor.runAny(random);
        }
      }
      case 6, 7 -> answer();
      case 8 -> {
        if (!timer.idle()) {
          timer.runNext();
        }
      }
      case 9 -> resume();
      case 10 -> discardALetter();
      case 11 -> drainAKey();
      default -> shutDown();
    }
  }

  private void offer() {
    if (offered == EVENTS) {
      return;
    }
    String id = "e" + offered;
    byte[] data = new byte[random.nextInt(40)];
    Event event = DetachedEvent.of(id, "test", "test", timer.instant(), data);
    String lane = random.nextInt(4) == 0 ? null : "lane" + random.nextInt(3);
    bytes.put(id, event.size());
    boolean heldOrClosed = intake.room() == 0;
    laneOf.put(id, lane == null ? "" : lane);
    Object given = fault == Break.LANES_IGNORED ? null : lane;
    if (intake.offer(event, given, this::settled)) {
      require(!heldOrClosed, "an intake without room took " + id);
      offered++;
      say("offered " + id + " in " + lane);
    } else {
      laneOf.remove(id);
    }
  }

  private void resume() {
    if (parked.isEmpty()) {
      return;
    }
    String id = parked.keySet().iterator().next();
    if (settled.get(id) == Settlement.PARKED && dispatcher.resume(parked.get(id), this::settled)) {
      settled.remove(id);
      parked.remove(id);
      resumed++;
      say("resumed " + id);
    }
  }

  /** A person has looked at a dead letter, and its key may go on. */
  private void discardALetter() {
    if (!letters.isEmpty() && random.nextInt(healthy ? 2 : 6) == 0) {
      String letter = letters.iterator().next();
      letters.remove(letter);
      say("discarded " + letter);
    }
  }

  /** What the worker's drain does, on one lane. */
  private void drainAKey() {
    for (Map.Entry<String, String> each : Map.copyOf(parkedLanes).entrySet()) {
      String lane = each.getKey();
      if (letters.contains(each.getValue()) || batches.containsKey(lane) || shutdown > 0) {
        continue;
      }
      List<KeyQueue.Queued> next = List.copyOf(queues.getOrDefault(lane, List.of()));
      if (next.isEmpty()) {
        dispatcher.unpark("t", lane);
        continue;
      }
      Set<Long> open = new HashSet<>();
      next.forEach(queued -> open.add(queued.sequence()));
      batches.put(lane, open);
      for (KeyQueue.Queued queued : next) {
        outOfQueue.add(queued.event().id());
        settled.remove(queued.event().id());
      }
      int taken = dispatcher.drainKey("t", lane, next, (q, how) -> settledOutOf(lane, q, how));
      say("drains " + taken + " of " + next.size() + " of " + lane);
      for (KeyQueue.Queued refused : next.subList(taken, next.size())) {
        outOfQueue.remove(refused.event().id());
        settled.put(refused.event().id(), Settlement.PARKED);
        left(lane, refused);
      }
      return;
    }
  }

  private void settledOutOf(String lane, KeyQueue.Queued queued, Settlement settlement) {
    String id = queued.event().id();
    if (settlement.acknowledge()) {
      settled(queued.event(), settlement);
      queues.get(lane).remove(queued);
    } else {
      say("stepped back " + id);
      settled.put(id, Settlement.PARKED);
    }
    outOfQueue.remove(id);
    left(lane, queued);
  }

  private void left(String lane, KeyQueue.Queued queued) {
    Set<Long> open = batches.get(lane);
    open.remove(queued.sequence());
    if (open.isEmpty()) {
      batches.remove(lane);
    }
  }

  private void answer() {
    if (answers.isEmpty()) {
      return;
    }
    Answer answer = answers.remove(random.nextInt(answers.size()));
    int luck = healthy ? 9 : random.nextInt(10);
    if (luck < 3) {
      answer.stage.completeExceptionally(
          PublishException.transientFailure("unreachable", new IllegalStateException("down")));
    } else if (luck == 3) {
      answer.stage.completeExceptionally(
          PublishException.permanent("too large", new IllegalStateException("no")));
    } else {
      answer.effect.run();
      answer.stage.complete(null);
    }
  }

  private void shutDown() {
    if (shutdown == 0 && random.nextInt(5) == 0) {
      say("drain");
      shutdown = 1;
      dispatcher.drain();
    } else if (shutdown == 1 && random.nextInt(5) == 0) {
      say("release");
      shutdown = 2;
      dispatcher.release();
    }
  }

  private void after(Duration delay, Runnable task) {
    if (fault == Break.TIMER_FORGETS && random.nextInt(10) == 0) {
      return;
    }
    timer.after(fault == Break.TIMER_EARLY ? delay.dividedBy(2) : delay, task);
  }

  private void settled(Event event, Settlement settlement) {
    String id = event.id();
    say("settled " + id + " " + settlement);
    reached.add(settlement);
    require(settled.put(id, settlement) == null, id + " was settled twice");
    switch (settlement) {
      case DONE ->
          require(
              !owesPublish.contains(id) || publishedIds.contains(id),
              id + " was done before its messages were confirmed");
      case DEAD_LETTERED ->
          require(deadLettered.contains(id), id + " was settled before its dead letter was stored");
      case DROPPED -> require(drops, id + " was dropped against the policy");
      case RELEASED -> require(shutdown > 0, id + " was released without a shutdown");
      case PARKED ->
          require(parked.containsKey(id) || isQueued(id), id + " was settled before it was parked");
    }
  }

  private boolean isQueued(String id) {
    return queues.values().stream()
        .flatMap(List::stream)
        .anyMatch(queued -> queued.event().id().equals(id));
  }

  private void checkBounds() {
    Conservation conservation = dispatcher.conservation("t");
    require(conservation.holds(), "the ledger does not balance: " + conservation);
    if (!parksKeys) { // an event that steps back into a queue is received once more
      require(conservation.received() == offered, "received " + conservation.received());
      require(
          conservation.pending() == offered - settled.size() + parkedSettled(),
          "pending " + conservation);
    }
    int held = 0;
    int events = 0;
    for (String id : laneOf.keySet()) {
      if (!settled.containsKey(id)) {
        held += bytes.getOrDefault(id, 0);
        events++;
      }
    }
    require(events <= bounds.events() + waiting.events(), "too many events: " + events);
    require(
        held <= bounds.bytes() + waiting.bytes() || events <= 2 || held <= oversized(),
        "too many bytes: " + held);
    require(executor.size() <= concurrency, "the function has too many places: " + executor.size());
    if (violation != null) {
      throw new AssertionError(violation);
    }
  }

  /** Each pool takes one event of any size. */
  private long oversized() {
    return Math.max(bounds.bytes(), 40) + Math.max(waiting.bytes(), 40);
  }

  private long parkedSettled() {
    return settled.values().stream().filter(Settlement.PARKED::equals).count();
  }

  private void checkEnd() {
    for (String id : laneOf.keySet()) {
      require(settled.containsKey(id), id + " was never settled");
      require(
          settled.get(id) != Settlement.PARKED || parked.containsKey(id) || isQueued(id),
          id + " was parked and is gone");
    }
    queues.forEach(
        (lane, queue) ->
            require(
                queue.isEmpty() || parkedLanes.containsKey(lane),
                "nobody will ever come for the queue of " + lane));
    require(dispatcher.idle(), "not idle");
    checkBounds();
  }

  private void say(String what) {
    history.add(timer.instant() + " " + what);
  }

  /** Remembers the first broken promise: the dispatcher may catch what its ports throw. */
  private void require(boolean condition, String message) {
    if (!condition && violation == null) {
      violation = message;
      say("VIOLATION " + message);
    }
  }

  private CompletionStage<Void> later(boolean lies, Runnable effect) {
    if (lies) {
      return CompletableFuture.completedFuture(null);
    }
    Answer answer = new Answer(new CompletableFuture<>(), effect);
    answers.add(answer);
    return answer.stage;
  }

  /** Collects which endings a set of histories reached. */
  static final class Coverage {
    private final Set<Settlement> seen = EnumSet.noneOf(Settlement.class);

    void add(Set<Settlement> endings) {
      seen.addAll(endings);
    }

    String missing() {
      Set<Settlement> missing = EnumSet.allOf(Settlement.class);
      missing.removeAll(seen);
      return missing.isEmpty() ? "" : missing.toString();
    }
  }

  private final class RandomFunction implements Function {

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
      String id = invocation.event().id();
      require(!settled.containsKey(id), id + " ran after its settlement");
      require(!publishedIds.contains(id), id + " ran after its messages were confirmed");
      String lane = laneOf.getOrDefault(id, "");
      if (!lane.isEmpty()) {
        requireTurn(id, lane);
      }
      require(!timer.instant().isBefore(calledAgainAt), id + " ran while the breaker was open");
      countAttempt(invocation);
      Outcome outcome = outcome(id);
      say("ran " + id + " attempt " + invocation.attempt() + " " + outcome);
      if (seed % 1000 == 0 && random.nextInt(10) == 0) {
        throw new IllegalStateException("a bug");
      }
      return new Invocation.Result(outcome, "v1", Duration.ZERO, "");
    }

    private void requireTurn(String id, String lane) {
      for (Map.Entry<String, String> earlier : laneOf.entrySet()) {
        if (earlier.getKey().equals(id)) {
          return;
        }
        if (earlier.getValue().equals(lane)) {
          Settlement before = settled.get(earlier.getKey());
          require(
              before != null && before.acknowledge(),
              id + " ran while " + earlier.getKey() + " of its lane was " + before);
          require(
              !parksKeys
                  || (before != Settlement.PARKED && !letters.contains("t/" + earlier.getKey())),
              id + " overtook " + earlier.getKey() + " of its parked lane");
        }
      }
    }

    private void countAttempt(Invocation invocation) {
      if (invocation.attempt() == 1 && tried.add(invocation.event().id())) {
        firstAttempts++;
      } else {
        retries++;
      }
      if (budget.isPresent() && shutdown == 0 && parked.isEmpty() && !parksKeys) {
        double seconds = Duration.between(begunAt, timer.instant()).toNanos() / 1e9;
        double most =
            1
                + budget.get().ratio() * firstAttempts
                + budget.get().minPerSecond() * seconds
                + resumed;
        require(retries <= most + 1e-6, retries + " retries of at most " + most);
      }
    }

    private Outcome outcome(String id) {
      return switch (random.nextInt(8)) {
        case 0 -> Outcome.Failed.of(FailureKind.TRAP, "unreachable");
        case 1 ->
            new Outcome.Failed(
                FailureKind.RETRY_REQUESTED,
                "busy",
                Optional.of(Duration.ofMillis(random.nextInt(500))));
        case 2 -> Outcome.Failed.of(FailureKind.REJECTED, "never");
        case 3 ->
            healthy
                ? new Outcome.Succeeded(null, List.of())
                : Outcome.Failed.of(FailureKind.INFRASTRUCTURE, "no sandbox");
        case 4 -> new Outcome.Succeeded(null, List.of(Message.of("events/" + id, new byte[1])));
        default -> new Outcome.Succeeded(random.nextBoolean() ? new byte[2] : null, List.of());
      };
    }
  }

  private final class RandomPublisher implements Publisher {

    @Override
    public CompletionStage<Void> publish(List<Message> messages) {
      String id = idOf(messages);
      if (id == null) {
        return later(false, () -> {});
      }
      owesPublish.add(id);
      say("publishing for " + id);
      return later(fault == Break.PUBLISHER_LIES, () -> publishedIds.add(id));
    }

    /** A guest's own message names its event; a reply carries the event's id as a header. */
    private @Nullable String idOf(List<Message> messages) {
      for (Message message : messages) {
        if (message.to().startsWith("events/e")) {
          return message.to().substring("events/".length());
        }
        byte[] header = message.headers().get(0).value();
        if (header != null) {
          return new String(header, StandardCharsets.UTF_8);
        }
      }
      return null;
    }

    @Override
    public void close() {}
  }

  private final class RandomParking implements Parking {

    @Override
    public Duration beyond() {
      return Duration.ofMillis(150);
    }

    @Override
    public CompletionStage<Void> park(Parked retry) {
      say("parking " + retry.event().id());
      return later(false, () -> parked.put(retry.event().id(), retry));
    }
  }

  /** Knows when the function must not be called. */
  private final class BreakerWatch implements DispatchListener {
    @Override
    public void breakerChanged(String function, boolean open, Duration pause) {
      say("breaker " + (open ? "open for " + pause : "closed"));
      calledAgainAt = open ? timer.instant().plus(pause) : Instant.MIN;
    }
  }

  private final class RandomKeyQueue implements KeyQueue {

    @Override
    public CompletionStage<Void> park(String trigger, String lane, String letterId) {
      say("parking " + lane + " behind " + letterId);
      return later(
          fault == Break.KEYS_NOT_PARKED,
          () -> {
            require(
                queues.getOrDefault(lane, List.of()).isEmpty() || parkedLanes.containsKey(lane),
                "a queue without its parked key: " + lane);
            parkedLanes.put(lane, letterId);
          });
    }

    @Override
    public CompletionStage<Boolean> appendIfParked(
        String trigger, String lane, Event event, Instant receivedAt) {
      boolean asked = asksLate || parkedLanes.containsKey(lane);
      if (!asked) {
        return CompletableFuture.completedFuture(false);
      }
      say("asking for " + event.id() + " in " + lane);
      boolean lies = fault == Break.KEY_QUEUE_LIES && parkedLanes.containsKey(lane);
      AtomicBoolean isParked = new AtomicBoolean(lies);
      return later(
              lies,
              () -> {
                isParked.set(parkedLanes.containsKey(lane));
                if (isParked.get()) {
                  queues
                      .computeIfAbsent(lane, name -> new ArrayList<>())
                      .add(new Queued(sequence++, event, receivedAt));
                }
              })
          .thenApply(answered -> isParked.get());
    }

    @Override
    public CompletionStage<Boolean> mayRun(String trigger, String lane, Queued queued) {
      return asksLate
          ? later(false, () -> {}).thenApply(answered -> true)
          : CompletableFuture.completedFuture(true);
    }

    @Override
    public CompletionStage<Boolean> unparkIfEmpty(String trigger, String lane) {
      boolean empty = queues.getOrDefault(lane, List.of()).isEmpty();
      boolean ends = empty && !letters.contains(parkedLanes.getOrDefault(lane, ""));
      return later(false, ends ? () -> parkedLanes.remove(lane) : () -> {}).thenApply(done -> ends);
    }
  }

  private final class RandomSink implements DeadLetterSink {

    @Override
    public CompletionStage<Void> store(DeadLetter letter) {
      say("storing " + letter.id());
      return later(
          fault == Break.SINK_LIES,
          () -> {
            deadLettered.add(letter.event().id());
            letters.add(letter.id());
          });
    }

    @Override
    public String description() {
      return "random";
    }

    @Override
    public void close() {}
  }
}
