package dev.millrace.worker.dispatch;

import dev.millrace.abi.Event;
import dev.millrace.abi.Message;
import dev.millrace.triggers.Attempt;
import dev.millrace.triggers.DeadLetter;
import dev.millrace.triggers.FailureClass;
import dev.millrace.triggers.FailureKind;
import dev.millrace.triggers.Intake;
import dev.millrace.triggers.PublishException;
import dev.millrace.triggers.Settlement;
import dev.millrace.triggers.SettlementListener;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings one trigger's events from acceptance to settlement: run, publish, retry, dead letter.
 *
 * <p>An event holds its place and its lane until it is settled, whatever it waits for.
 */
final class TriggerDispatch implements Intake {

  private static final Logger LOG = LoggerFactory.getLogger(TriggerDispatch.class);

  /** How long to wait before asking a broker, a sink or the store again. */
  private static final Backoff TROUBLE =
      new Backoff(Duration.ofMillis(500), Duration.ofSeconds(15), 2);

  private final TriggerPolicy policy;
  private final FunctionGate gate;
  private final Quarantine quarantine;
  private final Surroundings around;
  private final Account account;
  private final Lanes<LaneEntry> lanes = new Lanes<>();
  private final Waiting waiting;
  private final @Nullable ParkedKeys parkedKeys;
  private final @Nullable Duplicates duplicates;

  /** Lanes whose head waits for a retry: who comes behind it waits as well. */
  private final Set<Object> stalled = ConcurrentHashMap.newKeySet();

  private volatile boolean releasing;

  TriggerDispatch(
      TriggerPolicy policy, FunctionGate gate, Quarantine quarantine, Surroundings around) {
    this.policy = policy;
    this.gate = gate;
    this.quarantine = quarantine;
    this.around = around;
    this.account = new Account(policy.bounds(), policy.retry().waiting());
    this.waiting = new Waiting(around.timer(), this::release);
    this.parkedKeys =
        policy
            .keeping()
            .keys()
            .map(keys -> new ParkedKeys(keys.parked(policy.trigger()).keySet()))
            .orElse(null);
    this.duplicates = policy.keeping().duplicates().map(Duplicates::new).orElse(null);
  }

  @Override
  public boolean offer(Event event, @Nullable Object lane, SettlementListener listener) {
    int size = event.size();
    if (!gate.wantsEvents() || !account.accept(size)) {
      return false;
    }
    Object kept = lane == null || parkedKeys == null ? lane : lane.toString();
    Task task = new Task(this, event, kept, listener, size, around.clock().instant());
    around.listener().received(policy.trigger(), event);
    if (kept != null && !stalled.isEmpty() && stalled.contains(kept)) {
      putAside(task);
    }
    enter(task);
    return true;
  }

  /** Takes back an event that was parked. It comes without a lane: nobody waits behind it. */
  boolean resume(Parking.Parked retry, SettlementListener listener) {
    Event event = retry.event();
    int size = event.size();
    if (!account.resume(size)) {
      return false;
    }
    Task task = new Task(this, event, null, listener, size, retry.receivedAt());
    task.resume(retry.attempts(), retry.history());
    enter(task);
    return true;
  }

  /**
   * Takes events out of the queue of a parked lane, the next ones in order, as far as there is
   * room. Those that are not run because one before them failed again are released.
   *
   * @return how many were taken
   */
  int drainKey(String lane, List<KeyQueue.Queued> next, KeyQueue.SettlementListener listener) {
    if (parkedKeys == null) {
      return 0;
    }
    long batch = parkedKeys.drain(lane);
    int taken = 0;
    for (KeyQueue.Queued queued : next) {
      int size = queued.event().size();
      if (!account.resume(size)) {
        break;
      }
      Task task =
          new Task(
              this,
              queued.event(),
              lane,
              (event, settlement) -> listener.settled(queued, settlement),
              size,
              queued.receivedAt());
      task.resume(0, List.of());
      task.tried = false;
      task.batch = batch;
      enter(task);
      taken++;
    }
    return taken;
  }

  /** Ends the parking of a lane whose queue is empty, as soon as nobody is in the lane. */
  void unpark(String lane) {
    LaneEntry ending =
        new LaneEntry() {
          @Override
          public void begin() {
            endParking(lane);
          }

          @Override
          public void giveBack() {}
        };
    if (lanes.enter(lane, ending)) {
      ending.begin();
    }
  }

  private void endParking(String lane) {
    around
        .call(() -> policy.keeping().keys().orElseThrow().unparkIfEmpty(policy.trigger(), lane))
        .whenComplete(
            (ended, error) -> {
              if (error == null && ended && parkedKeys != null) {
                parkedKeys.unpark(lane);
              }
              beginNext(lane);
            });
  }

  @Override
  public int room() {
    return gate.wantsEvents() ? account.room() : 0;
  }

  /** Takes no more events and waits for no more delays: what would wait is released instead. */
  void drain() {
    account.close();
    waiting.drain();
  }

  /** Gives back every event that is not running at this moment. */
  void release() {
    drain();
    releasing = true;
  }

  boolean idle() {
    return account.idle();
  }

  Account account() {
    return account;
  }

  int waitingEvents() {
    return waiting.size();
  }

  int parkedKeys() {
    return parkedKeys == null ? 0 : parkedKeys.size();
  }

  FunctionGate gate() {
    return gate;
  }

  private void enter(Task task) {
    if (task.lane == null || lanes.enter(task.lane, task)) {
      begin(task);
    }
  }

  /** The task is the head of its lane. */
  void begin(Task task) {
    if (parkedKeys == null || task.lane == null || !parkedKeys.parked(task.lane)) {
      gate.submit(task);
    } else if (task.batch == 0) {
      queueBehindItsKey(task);
    } else if (parkedKeys.drains(task.lane, task.batch)) {
      gate.submit(task);
    } else {
      settle(task, Settlement.RELEASED, "behind a dead letter");
    }
  }

  private void queueBehindItsKey(Task task) {
    String lane = String.valueOf(task.lane);
    around
        .call(
            () ->
                policy
                    .keeping()
                    .keys()
                    .orElseThrow()
                    .append(policy.trigger(), lane, task.event, task.receivedAt))
        .whenComplete(
            (ok, error) -> {
              if (error == null) {
                settle(task, Settlement.PARKED, "");
              } else {
                holdForStore(task, error, () -> queueBehindItsKey(task));
              }
            });
  }

  /** Runs one attempt. On a worker thread. */
  Health run(Task task) {
    if (releasing || gate.refusing()) {
      settle(task, Settlement.RELEASED, "shutdown");
      return Health.UNKNOWN;
    }
    if (duplicates != null && !task.resumed && isDuplicate(task, duplicates)) {
      return Health.UNKNOWN;
    }
    int crashes = around.crashes().crashes(policy.trigger(), task.event);
    if (crashes == 0) {
      return attempt(task);
    }
    if (crashes >= policy.retry().maxCrashes()) {
      giveUp(
          task,
          FailureKind.CRASHED,
          "the worker's process ended "
              + crashes
              + " times while this event ran; not tried again (retry.max_crashes)");
      return Health.UNKNOWN;
    }
    // It waits before it asks: whoever leaves between the two would wake nobody otherwise.
    waiting.until(task, () -> gate.submit(task));
    if (!quarantine.enter(() -> waiting.wake(task))) {
      return Health.UNKNOWN;
    }
    if (!waiting.forget(task)) {
      quarantine.leave();
      return Health.UNKNOWN;
    }
    try {
      return attempt(task);
    } finally {
      quarantine.leave();
    }
  }

  private Health attempt(Task task) {
    Instant startedAt = around.clock().instant();
    Invocation invocation = new Invocation(task.event, policy.trigger(), task.attempts + 1);
    Invocation.Result result = invoke(invocation);
    task.version = result.version();
    task.claims = result.claims();
    task.recording = result.recording();
    around.listener().attempted(policy.function().name(), invocation, result);
    switch (result.outcome()) {
      case Outcome.Succeeded succeeded -> succeed(task, succeeded);
      case Outcome.Failed failed -> fail(task, failed, startedAt, result);
    }
    return Health.of(result.outcome());
  }

  private Invocation.Result invoke(Invocation invocation) {
    around.crashes().begins(policy.trigger(), invocation.event());
    try {
      return policy.function().invoke(invocation);
    } catch (Throwable bug) {
      LOG.atError()
          .setCause(bug)
          .addKeyValue("trigger", policy.trigger())
          .addKeyValue("function", policy.function().name())
          .addKeyValue("event", invocation.event().id())
          .log("the worker failed at an event; this is a bug of Millrace");
      return new Invocation.Result(
          Outcome.Failed.of(FailureKind.INTERNAL_ERROR, "the worker failed: " + bug),
          "",
          Duration.ZERO,
          "");
    } finally {
      around.crashes().returned();
    }
  }

  /** Whether the event is a duplicate, which is then taken care of. */
  private boolean isDuplicate(Task task, Duplicates known) {
    if (task.unique) {
      return false;
    }
    if (!known.first(task)) {
      waiting.until(task, () -> gate.submit(task));
      if (!known.follows(task)) {
        waiting.wake(task); // the other one ended before it could be seen waiting
      }
      return true;
    }
    try {
      task.unique = !known.seen(task);
    } catch (RuntimeException e) {
      holdForStore(task, e, () -> gate.submit(task));
      return true;
    }
    if (task.unique) {
      return false;
    }
    settle(task, Settlement.DROPPED, "duplicate");
    return true;
  }

  private void succeed(Task task, Outcome.Succeeded succeeded) {
    List<Message> messages = Results.of(task.event, succeeded, policy.replyTo());
    if (messages.isEmpty()) {
      conclude(task, Settlement.DONE, "");
    } else {
      publish(task, messages);
    }
  }

  private void publish(Task task, List<Message> messages) {
    around
        .call(
            () ->
                task.listener
                    .results()
                    .map(source -> source.publish(messages))
                    .orElseGet(() -> policy.publisher().publish(messages)))
        .whenComplete((ok, error) -> published(task, messages, error));
  }

  private void published(Task task, List<Message> messages, @Nullable Throwable error) {
    if (error == null) {
      conclude(task, Settlement.DONE, "");
      return;
    }
    Throwable cause = unwrap(error);
    if (cause instanceof PublishException refused && refused.permanent()) {
      giveUp(task, FailureKind.PUBLISH_REFUSED, refused.getMessage());
      return;
    }
    Duration delay = TROUBLE.delay(++task.troubles, around.random());
    around.listener().publishHeld(policy.trigger(), task.event, cause, delay);
    hold(task, delay, () -> publish(task, messages));
  }

  private void fail(
      Task task, Outcome.Failed failure, Instant startedAt, Invocation.Result result) {
    giveUpClaims(task);
    int number = task.attempts + 1;
    task.remember(
        new Attempt(
            number, startedAt, result.duration(), failure.kind(), failure.error(), result.log()));
    Duration age = Duration.between(task.receivedAt, around.clock().instant());
    int failures =
        failure.kind().failureClass() == FailureClass.INFRASTRUCTURE ? ++task.troubles : number;
    switch (policy.retry().after(failure, failures, task.history(), age, around.random())) {
      case Verdict.GiveUp giveUp -> giveUp(task, giveUp.kind(), giveUp.error());
      case Verdict.Retry retry -> {
        if (retry.counted()) {
          task.attempts = number;
        }
        around
            .listener()
            .retryScheduled(policy.trigger(), task.event, number, retry.delay(), failure);
        retry(task, retry.delay());
      }
    }
  }

  /** Lets an event wait: in the store if that is allowed and worth it, else in memory. */
  private void retry(Task task, Duration delay) {
    boolean allowed = task.lane == null && policy.keeping().parking().isPresent();
    boolean late = allowed && delay.compareTo(parking().beyond()) >= 0;
    if (late || (!putAside(task) && allowed)) {
      park(task, delay);
    } else {
      retryFromMemory(task, delay);
    }
  }

  private void park(Task task, Duration delay) {
    Parking.Parked parked =
        task.parked(
            policy.trigger(), policy.function().name(), around.clock().instant().plus(delay));
    around
        .call(() -> parking().park(parked))
        .whenComplete(
            (ok, error) -> {
              if (error == null) {
                conclude(task, Settlement.PARKED, "");
              } else {
                putAside(task);
                retryFromMemory(task, delay);
              }
            });
  }

  private void retryFromMemory(Task task, Duration delay) {
    if (task.lane != null && stalled.add(task.lane)) {
      lanes.behind(
          task.lane,
          entry -> {
            if (entry instanceof Task follower) {
              putAside(follower);
            }
          });
    }
    waiting.after(task, delay, gate::payForRetry, () -> gate.submit(task));
  }

  private Parking parking() {
    return policy.keeping().parking().orElseThrow();
  }

  /** Gives an event a place among those that wait, so that its place in flight is free. */
  private boolean putAside(Task task) {
    if (!task.aside) {
      task.aside = account.putAside(task.size);
    }
    return task.aside;
  }

  private void giveUp(Task task, FailureKind kind, String error) {
    giveUpClaims(task);
    if (policy.keeping().deadLetters().isEmpty()) {
      conclude(task, Settlement.DROPPED, kind.name().toLowerCase(Locale.ROOT));
      return;
    }
    store(
        task,
        task.deadLetter(
            policy.trigger(), policy.function().name(), kind, error, around.clock().instant()));
  }

  private void store(Task task, DeadLetter letter) {
    around
        .call(
            () ->
                policy.keeping().deadLetters().orElseThrow().store(letter, task.listener.results()))
        .whenComplete((ok, error) -> stored(task, letter, error));
  }

  private void stored(Task task, DeadLetter letter, @Nullable Throwable error) {
    if (error != null) {
      Duration delay = TROUBLE.delay(++task.troubles, around.random());
      around.listener().deadLetterHeld(letter, unwrap(error), delay);
      hold(task, delay, () -> store(task, letter));
      return;
    }
    around.listener().deadLettered(letter);
    if (parkedKeys == null || task.lane == null) {
      conclude(task, Settlement.DEAD_LETTERED, "");
    } else {
      parkKey(task, letter, parkedKeys);
    }
  }

  /** The letter is stored: only now may its key be parked, for it is what ends the parking. */
  private void parkKey(Task task, DeadLetter letter, ParkedKeys keys) {
    String lane = String.valueOf(task.lane);
    around
        .call(() -> policy.keeping().keys().orElseThrow().park(policy.trigger(), lane, letter.id()))
        .whenComplete(
            (ok, error) -> {
              if (error != null) {
                holdForStore(task, error, () -> parkKey(task, letter, keys));
                return;
              }
              keys.park(lane);
              around.listener().keyParked(policy.trigger(), letter);
              conclude(task, Settlement.DEAD_LETTERED, "");
            });
  }

  /** Nothing of what the attempt claimed is done. If this is lost, the claims end by themselves. */
  private void giveUpClaims(Task task) {
    if (task.claims.isEmpty()) {
      return;
    }
    List<OnceKeys.Claim> claims = task.claims;
    task.claims = List.of();
    around.call(() -> around.onceKeys().giveUp(policy.function().name(), owner(task), claims));
  }

  private void finishClaims(Task task) {
    around
        .call(() -> around.onceKeys().finish(policy.function().name(), owner(task), task.claims))
        .whenComplete(
            (ok, error) -> {
              if (error == null) {
                task.claims = List.of();
                conclude(task, Settlement.DONE, "");
              } else {
                holdForStore(task, error, () -> finishClaims(task));
              }
            });
  }

  private String owner(Task task) {
    return new Invocation(task.event, policy.trigger(), 1).owner();
  }

  /** Settles an event that its source may forget, once all is remembered that must be. */
  private void conclude(Task task, Settlement settlement, String reason) {
    if (settlement == Settlement.DONE && !task.claims.isEmpty()) {
      finishClaims(task);
      return;
    }
    if (duplicates == null) {
      settle(task, settlement, reason);
      return;
    }
    Duplicates known = duplicates;
    around
        .call(() -> known.remember(task))
        .whenComplete(
            (ok, error) -> {
              if (error == null) {
                settle(task, settlement, reason);
              } else {
                holdForStore(task, error, () -> conclude(task, settlement, reason));
              }
            });
  }

  private void holdForStore(Task task, Throwable error, Runnable next) {
    Duration delay = TROUBLE.delay(++task.troubles, around.random());
    around.listener().storeHeld(policy.trigger(), task.event, unwrap(error), delay);
    hold(task, delay, next);
  }

  /**
   * Waits, and meanwhile takes no new events: what this event needs is not there for the next one
   * either.
   */
  private void hold(Task task, Duration delay, Runnable next) {
    account.hold();
    task.holding = true;
    waiting.after(
        task,
        delay,
        () -> {
          unhold(task);
          next.run();
        });
  }

  private void unhold(Task task) {
    if (task.holding) {
      task.holding = false;
      account.release();
    }
  }

  private void release(Task task) {
    unhold(task);
    settle(task, Settlement.RELEASED, "shutdown");
  }

  /** Ends an event's stay, and lets the next of its lane go on. */
  private void settle(Task task, Settlement settlement, String reason) {
    boolean stepsBack = settlement == Settlement.RELEASED;
    Object lane = task.lane;
    if (lane != null) {
      stalled.remove(lane);
      if (stepsBack && task.batch != 0 && parkedKeys != null) {
        parkedKeys.park(lane); // its followers out of the same queue must not overtake it
      }
    }
    finish(task, settlement, reason);
    if (lane == null) {
      return;
    }
    if (stepsBack && task.batch == 0) {
      giveBackLane(lane);
    } else {
      beginNext(lane);
    }
  }

  private void beginNext(Object lane) {
    LaneEntry next = lanes.leave(lane);
    if (next != null) {
      next.begin();
    }
  }

  /** A released head takes its lane with it: nobody may overtake an event that will come again. */
  private void giveBackLane(Object lane) {
    for (LaneEntry next = lanes.leave(lane); next != null; next = lanes.leave(lane)) {
      next.giveBack();
    }
  }

  /** Gives an event's room back, then tells the trigger. */
  void finish(Task task, Settlement settlement, String reason) {
    if (!task.settle()) {
      LOG.atError()
          .addKeyValue("trigger", policy.trigger())
          .addKeyValue("event", task.event.id())
          .addKeyValue("settlement", settlement)
          .log("an event was settled a second time; this is a bug of Millrace");
      return;
    }
    if (settlement != Settlement.RELEASED && settlement != Settlement.PARKED) {
      around.crashes().settled(policy.trigger(), task.event);
    }
    account.settle(task.size, task.aside, settlement, reason);
    Duration sinceReceipt = Duration.between(task.receivedAt, around.clock().instant());
    around.listener().settled(policy.trigger(), task.event, settlement, sinceReceipt);
    notify(task, settlement);
    if (duplicates != null) {
      duplicates.settled(task).forEach(waiting::wake);
    }
  }

  private void notify(Task task, Settlement settlement) {
    try {
      task.listener.settled(task.event, settlement);
    } catch (RuntimeException bug) {
      LOG.atError()
          .setCause(bug)
          .addKeyValue("trigger", policy.trigger())
          .addKeyValue("event", task.event.id())
          .log("a settlement listener threw; this is a bug of the trigger");
    }
  }

  private static Throwable unwrap(Throwable error) {
    return error instanceof CompletionException && error.getCause() != null
        ? error.getCause()
        : error;
  }
}
