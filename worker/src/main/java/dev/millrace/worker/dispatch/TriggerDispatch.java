package dev.millrace.worker.dispatch;

import dev.millrace.abi.Event;
import dev.millrace.abi.Header;
import dev.millrace.abi.Message;
import dev.millrace.triggers.Attempt;
import dev.millrace.triggers.DeadLetter;
import dev.millrace.triggers.FailureClass;
import dev.millrace.triggers.FailureKind;
import dev.millrace.triggers.Intake;
import dev.millrace.triggers.PublishException;
import dev.millrace.triggers.Settlement;
import dev.millrace.triggers.SettlementListener;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings one trigger's events from acceptance to settlement: run, publish, retry, dead letter.
 *
 * <p>An event holds its place and its lane until it is settled, whatever it waits for. It waits for
 * a delay in {@code waiting}, where whoever removes it owns it: its timer, or a release at
 * shutdown.
 */
final class TriggerDispatch implements Intake {

  private static final Logger LOG = LoggerFactory.getLogger(TriggerDispatch.class);

  /** How long to wait before asking a broker or a sink again. */
  private static final Backoff TROUBLE =
      new Backoff(Duration.ofMillis(500), Duration.ofSeconds(15), 2);

  private final TriggerPolicy policy;
  private final FunctionGate gate;
  private final Surroundings around;
  private final Account account;
  private final Lanes<Task> lanes = new Lanes<>();
  private final Map<Task, Runnable> waiting = new ConcurrentHashMap<>();
  private volatile boolean draining;
  private volatile boolean releasing;

  TriggerDispatch(TriggerPolicy policy, FunctionGate gate, Surroundings around) {
    this.policy = policy;
    this.gate = gate;
    this.around = around;
    this.account = new Account(policy.bounds());
  }

  @Override
  public boolean offer(Event event, @Nullable Object lane, SettlementListener listener) {
    int size = event.size();
    if (!account.accept(size)) {
      return false;
    }
    Task task = new Task(this, event, lane, listener, size, around.clock().instant());
    around.listener().received(policy.trigger(), event);
    if (lane == null || lanes.enter(lane, task)) {
      gate.submit(task);
    }
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
    gate.submit(task);
    return true;
  }

  @Override
  public int room() {
    return account.room();
  }

  /** Takes no more events and waits for no more delays: what would wait is released instead. */
  void drain() {
    account.close();
    draining = true;
    releaseWaiting();
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

  int waitingRetries() {
    return waiting.size();
  }

  int readyDepth() {
    return gate.depth();
  }

  /** Runs one attempt. On a worker thread. */
  void run(Task task) {
    if (releasing) {
      settle(task, Settlement.RELEASED, "shutdown");
      return;
    }
    Instant startedAt = around.clock().instant();
    Invocation invocation = new Invocation(task.event, policy.trigger(), task.attempts + 1);
    Invocation.Result result = invoke(invocation);
    task.version = result.version();
    around.listener().attempted(policy.function().name(), invocation, result);
    switch (result.outcome()) {
      case Outcome.Succeeded succeeded -> succeed(task, succeeded);
      case Outcome.Failed failed -> fail(task, failed, startedAt, result);
    }
  }

  private Invocation.Result invoke(Invocation invocation) {
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
    }
  }

  private void succeed(Task task, Outcome.Succeeded succeeded) {
    List<Message> messages = succeeded.publishes();
    Optional<String> replyTo = policy.replyTo();
    byte[] reply = succeeded.reply();
    if (replyTo.isPresent() && reply != null) {
      messages = new ArrayList<>(messages);
      messages.add(new Message(replyTo.get(), task.event.key(), replyHeaders(task.event), reply));
    }
    if (messages.isEmpty()) {
      settle(task, Settlement.DONE, "");
      return;
    }
    publish(task, messages);
  }

  /**
   * A reply carries the id of the event it answers, so that a consumer can drop a duplicate, and
   * its trace.
   */
  private static List<Header> replyHeaders(Event event) {
    List<Header> headers = new ArrayList<>(2);
    headers.add(new Header("millrace-event-id", event.id().getBytes(StandardCharsets.UTF_8)));
    for (String name : List.of("traceparent", "tracestate")) {
      String value = event.extensions().get(name);
      if (value != null) {
        headers.add(new Header(name, value.getBytes(StandardCharsets.UTF_8)));
      }
    }
    return headers;
  }

  private void publish(Task task, List<Message> messages) {
    around
        .call(() -> policy.publisher().publish(messages))
        .whenComplete((ok, error) -> published(task, messages, error));
  }

  private void published(Task task, List<Message> messages, @Nullable Throwable error) {
    if (error == null) {
      settle(task, Settlement.DONE, "");
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
    int number = task.attempts + 1;
    task.remember(
        new Attempt(
            number, startedAt, result.duration(), failure.kind(), failure.error(), result.log()));
    Duration age = Duration.between(task.receivedAt, around.clock().instant());
    int failures =
        failure.kind().failureClass() == FailureClass.INFRASTRUCTURE ? ++task.troubles : number;
    switch (policy.retry().after(failure, failures, age, around.random())) {
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

  private void retry(Task task, Duration delay) {
    boolean parks =
        task.lane == null
            && policy.parking().filter(p -> delay.compareTo(p.beyond()) >= 0).isPresent();
    if (!parks) {
      await(task, delay, () -> gate.submit(task));
      return;
    }
    Parking.Parked parked =
        task.parked(
            policy.trigger(), policy.function().name(), around.clock().instant().plus(delay));
    around
        .call(() -> policy.parking().orElseThrow().park(parked))
        .whenComplete(
            (ok, error) -> {
              if (error == null) {
                settle(task, Settlement.PARKED, "");
              } else {
                await(task, delay, () -> gate.submit(task));
              }
            });
  }

  private void giveUp(Task task, FailureKind kind, String error) {
    if (policy.deadLetters().isEmpty()) {
      settle(task, Settlement.DROPPED, kind.name().toLowerCase(Locale.ROOT));
      return;
    }
    store(
        task,
        task.deadLetter(
            policy.trigger(), policy.function().name(), kind, error, around.clock().instant()));
  }

  private void store(Task task, DeadLetter letter) {
    around
        .call(() -> policy.deadLetters().orElseThrow().store(letter))
        .whenComplete((ok, error) -> stored(task, letter, error));
  }

  private void stored(Task task, DeadLetter letter, @Nullable Throwable error) {
    if (error == null) {
      around.listener().deadLettered(letter);
      settle(task, Settlement.DEAD_LETTERED, "");
      return;
    }
    Duration delay = TROUBLE.delay(++task.troubles, around.random());
    around.listener().deadLetterHeld(letter, unwrap(error), delay);
    hold(task, delay, () -> store(task, letter));
  }

  /**
   * Waits, and meanwhile takes no new events: what this event needs is not there for the next one
   * either.
   */
  private void hold(Task task, Duration delay, Runnable next) {
    account.hold();
    task.holding = true;
    await(
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

  private void await(Task task, Duration delay, Runnable next) {
    waiting.put(task, next);
    around
        .timer()
        .after(
            delay,
            () -> {
              Runnable due = waiting.remove(task);
              if (due != null) {
                due.run();
              }
            });
    if (draining) {
      releaseWaiting();
    }
  }

  private void releaseWaiting() {
    for (Task task : List.copyOf(waiting.keySet())) {
      if (waiting.remove(task) != null) {
        unhold(task);
        settle(task, Settlement.RELEASED, "shutdown");
      }
    }
  }

  /** Ends an event's stay, and lets the next of its lane go on. */
  private void settle(Task task, Settlement settlement, String reason) {
    finish(task, settlement, reason);
    if (task.lane == null) {
      return;
    }
    Task next = lanes.leave(task.lane);
    if (next == null) {
      return;
    }
    if (settlement != Settlement.RELEASED) {
      gate.submit(next);
      return;
    }
    // A released head takes its lane with it: nobody may overtake an event that will come again.
    for (; next != null; next = lanes.leave(task.lane)) {
      finish(next, Settlement.RELEASED, reason);
    }
  }

  /** Gives an event's room back, then tells the trigger. */
  private void finish(Task task, Settlement settlement, String reason) {
    if (!task.settle()) {
      LOG.atError()
          .addKeyValue("trigger", policy.trigger())
          .addKeyValue("event", task.event.id())
          .addKeyValue("settlement", settlement)
          .log("an event was settled a second time; this is a bug of Millrace");
      return;
    }
    account.settle(task.size, settlement, reason);
    Duration sinceReceipt = Duration.between(task.receivedAt, around.clock().instant());
    around.listener().settled(policy.trigger(), task.event, settlement, sinceReceipt);
    notify(task, settlement);
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
