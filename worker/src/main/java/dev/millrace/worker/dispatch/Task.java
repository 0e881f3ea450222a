package dev.millrace.worker.dispatch;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.abi.Event;
import dev.millrace.triggers.Attempt;
import dev.millrace.triggers.DeadLetter;
import dev.millrace.triggers.FailureKind;
import dev.millrace.triggers.Recording;
import dev.millrace.triggers.SettlementListener;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * One event with the worker, from acceptance to settlement.
 *
 * <p>Its plain fields have one owner at a time: the thread that offers it, then the worker thread
 * that runs it, then the callback of its publish or dead letter, then its timer. Each hands it on
 * through a lock or a concurrent map.
 */
final class Task implements LaneEntry {

  /** Of a long history, the first attempt and the latest ones are kept: so many in all. */
  static final int KEPT_ATTEMPTS = 10;

  private static final AtomicIntegerFieldUpdater<Task> SETTLED =
      AtomicIntegerFieldUpdater.newUpdater(Task.class, "settled");

  final Event event;
  final @Nullable Object lane;
  final SettlementListener listener;
  private final int size;
  final Instant receivedAt;
  private final TriggerDispatch owner;

  /** The lane in which it is or was; {@code null} as long as it has entered none. */
  @Nullable Lane<LaneEntry> joined;

  /** Set once, by {@link #SETTLED}. */
  @SuppressWarnings("UnusedVariable")
  private volatile int settled;

  /** Attempts used up. */
  int attempts;

  /** Consecutive trouble with a broker or a sink, for back-off. */
  int troubles;

  /** Whether it keeps its trigger's intake closed. */
  boolean holding;

  /** Whether it has a place among those that wait, instead of one in flight. */
  boolean aside;

  /** Whether it comes back from where it was parked: it is no duplicate of itself. */
  boolean resumed;

  /** Whether it is known to be no duplicate of an earlier event. */
  boolean unique;

  /** Whether its function's gate has let it pass once; guarded by the gate. */
  boolean tried;

  /** The epoch of the breaker that admitted it last; guarded by its function's gate. */
  long epoch;

  /** Its place in the queue of its key; {@code null} if it comes from the source. */
  KeyQueue.@Nullable Queued queued;

  /** The batch in which it came out of the queue of its key. */
  long batch = KeyBatches.NONE;

  /** What the latest attempt claimed by {@code once} and has neither finished nor given up. */
  List<OnceKeys.Claim> claims = List.of();

  /** The version that ran last. */
  String version = "";

  /** What the last attempt depended on, if it failed. */
  Optional<Recording> recording = Optional.empty();

  private List<Attempt> history = List.of();
  private int failedAttempts;

  Task(
      TriggerDispatch owner,
      Event event,
      @Nullable Object lane,
      SettlementListener listener,
      int size,
      Instant receivedAt) {
    this.owner = owner;
    this.event = event;
    this.lane = lane;
    this.listener = listener;
    this.size = size;
    this.receivedAt = receivedAt;
  }

  /** An event that comes out of the queue of its key, as one of a batch. */
  static Task outOfQueue(
      TriggerDispatch owner,
      String lane,
      KeyQueue.Queued queued,
      KeyQueue.SettlementListener listener,
      long batch) {
    Event event = queued.event();
    Task task =
        new Task(
            owner,
            event,
            lane,
            (settled, settlement) -> listener.settled(queued, settlement),
            event.size(),
            queued.receivedAt());
    task.resume(0, List.of());
    task.tried = false;
    task.queued = queued;
    task.batch = batch;
    return task;
  }

  /** Takes up where the event left off when it was parked. */
  void resume(int usedUp, List<Attempt> earlier) {
    attempts = usedUp;
    failedAttempts = usedUp;
    history = new ArrayList<>(earlier);
    resumed = true;
    tried = true;
    aside = true;
  }

  /** Takes a place among those that wait instead of the one in flight; false if there is none. */
  boolean putAside(Account account) {
    if (!aside) {
      aside = account.putAside(size);
    }
    return aside;
  }

  /** The failed attempts, oldest first; of many, the first and the latest. Not copied. */
  List<Attempt> history() {
    return history;
  }

  Parking.Parked parked(String trigger, String function, Instant dueAt) {
    return new Parking.Parked(trigger, function, event, attempts, receivedAt, dueAt, history);
  }

  /** Runs one attempt. On a worker thread; does not throw. */
  Health run() {
    return owner.run(this);
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public void joins(Lane<LaneEntry> entered) {
    joined = entered;
  }

  @Override
  public void begin() {
    owner.begin(this);
  }

  @Override
  public void giveBack() {
    owner.giveBack(this);
  }

  /** True for the first caller only. */
  boolean settle() {
    return SETTLED.compareAndSet(this, 0, 1);
  }

  void remember(Attempt attempt) {
    failedAttempts++;
    if (history.isEmpty()) {
      history = new ArrayList<>(2);
    }
    if (history.size() == KEPT_ATTEMPTS) {
      history.remove(1);
    }
    history.add(attempt);
  }

  DeadLetter deadLetter(
      String trigger, String function, FailureKind failure, String error, Instant now) {
    return new DeadLetter(
        trigger + "/" + event.receipt(),
        DetachedEvent.copyOf(event),
        trigger,
        function,
        version,
        failure,
        error,
        receivedAt,
        now,
        history,
        failedAttempts,
        recording);
  }
}
