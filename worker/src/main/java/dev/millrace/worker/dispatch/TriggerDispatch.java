package dev.millrace.worker.dispatch;

import dev.millrace.abi.Event;
import dev.millrace.triggers.Intake;
import dev.millrace.triggers.Settlement;
import dev.millrace.triggers.SettlementListener;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One trigger's events, from acceptance to settlement: takes them in, brings each to the head of
 * its lane and to its function's gate, and hands it to the units that know how to go on.
 *
 * <p>The way of an event: {@link Deduplicating}, {@link Suspicion}, {@link Attempting}; then, if it
 * failed, {@link Retrying} or {@link GivingUp}; in the end {@link Ending}. Each knows those behind
 * it and none before. An event holds its place and its lane until it is settled, whatever it waits
 * for.
 */
final class TriggerDispatch implements Intake {

  private final TriggerState state;
  private final Ending ending;
  private final @Nullable KeyOrder keyOrder;
  private final @Nullable Deduplicating deduplicating;
  private final Suspicion suspicion;

  private volatile boolean releasing;

  TriggerDispatch(
      TriggerPolicy policy, FunctionGate gate, Quarantine quarantine, Surroundings around) {
    this.state =
        new TriggerState(
            policy,
            gate,
            around,
            new Account(policy.bounds(), policy.retry().waiting()),
            new TriggerLanes(),
            new Waiting(around.timer(), this::release));
    Keeping keeping = policy.keeping();
    Holding holding = new Holding(state);
    Claims claims = new Claims(state);
    KeyBatches batches = keeping.keys().map(keys -> new KeyBatches()).orElse(null);
    Duplicates duplicates = keeping.duplicates().map(Duplicates::new).orElse(null);
    this.ending = new Ending(state, holding, claims, batches, duplicates);
    this.keyOrder =
        batches == null
            ? null
            : new KeyOrder(state, keeping.keys().orElseThrow(), batches, holding, ending);
    this.deduplicating =
        duplicates == null ? null : new Deduplicating(state, duplicates, holding, ending);
    GivingUp givingUp = new GivingUp(state, holding, claims, ending, keyOrder);
    Retrying retrying = new Retrying(state, claims, ending, givingUp);
    Attempting attempting = new Attempting(state, holding, ending, retrying, givingUp);
    this.suspicion = new Suspicion(state, quarantine, attempting, givingUp);
  }

  @Override
  public boolean offer(Event event, @Nullable Object lane, SettlementListener listener) {
    int size = event.size();
    if (!state.gate().wantsEvents() || !state.account().accept(size)) {
      return false;
    }
    Object kept = lane == null || keyOrder == null ? lane : lane.toString();
    Task task = new Task(this, event, kept, listener, size, state.around().clock().instant());
    state.listener().received(state.trigger(), event);
    if (kept != null && state.lanes().isStalled(kept)) {
      state.putAside(task);
    }
    enter(task);
    return true;
  }

  /** Takes back an event that was parked. It comes without a lane: nobody waits behind it. */
  boolean resume(Parking.Parked retry, SettlementListener listener) {
    Event event = retry.event();
    int size = event.size();
    if (!state.account().resume(size)) {
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
    if (keyOrder == null) {
      return 0;
    }
    List<Task> batch = keyOrder.batch(this, lane, next, listener);
    batch.forEach(this::enter);
    return batch.size();
  }

  /** Ends the parking of a lane whose queue is empty, as soon as nobody is in the lane. */
  void unpark(String lane) {
    if (keyOrder != null) {
      keyOrder.unpark(lane);
    }
  }

  private void enter(Task task) {
    if (task.lane == null || state.lanes().enter(task.lane, task)) {
      begin(task);
    }
  }

  /** The task is the head of its lane. */
  void begin(Task task) {
    if (keyOrder == null || task.lane == null) {
      state.gate().submit(task);
    } else {
      keyOrder.begin(task, task.lane);
    }
  }

  /** It is the task's turn. On a worker thread. */
  Health run(Task task) {
    if (releasing || state.gate().refusing()) {
      ending.settle(task, Settlement.RELEASED, "shutdown");
      return Health.UNKNOWN;
    }
    if (deduplicating != null && !deduplicating.passes(task)) {
      return Health.UNKNOWN;
    }
    return suspicion.run(task);
  }

  /** The task will not come to the head of its lane any more. */
  void giveBack(Task task) {
    ending.finish(task, Settlement.RELEASED, "shutdown");
  }

  private void release(Task task) {
    ending.release(task);
  }

  @Override
  public int room() {
    return state.gate().wantsEvents() ? state.account().room() : 0;
  }

  /** Takes no more events and waits for no more delays: what would wait is released instead. */
  void drain() {
    state.account().close();
    state.waiting().drain();
  }

  /** Gives back every event that is not running at this moment. */
  void release() {
    drain();
    releasing = true;
  }

  boolean idle() {
    return state.account().idle();
  }

  Account account() {
    return state.account();
  }

  int waitingEvents() {
    return state.waiting().size();
  }

  FunctionGate gate() {
    return state.gate();
  }
}
