package dev.millrace.worker.dispatch;

import dev.millrace.triggers.Intake;
import dev.millrace.triggers.SettlementListener;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Brings events from submission to settlement.
 *
 * <p>Guarantees, for every event an {@link #intake} accepted: its function runs until an attempt
 * succeeds or the policy gives it up; what a successful attempt publishes is confirmed before the
 * event is DONE; a dead letter is stored before the event is DEAD_LETTERED; it is settled exactly
 * once, in the order of its lane; and what is with the worker never exceeds the trigger's bounds.
 * While a broker or sink that an event needs is down, the event is held and its trigger's intake
 * takes nothing.
 *
 * <p>Registering is for one thread, before the first event; everything else is safe for any thread.
 */
public final class Dispatcher {

  private final Surroundings around;
  private final Map<String, FunctionGate> gates = new HashMap<>();
  private final Map<String, TriggerDispatch> triggers = new LinkedHashMap<>();
  private final Map<String, FunctionPolicy> functionPolicies;
  private final Quarantine quarantine = new Quarantine();

  /**
   * @param functionPolicies how functions that fail are treated, by their names; the default where
   *     there is none
   */
  public Dispatcher(Surroundings around, Map<String, FunctionPolicy> functionPolicies) {
    this.around = around;
    this.functionPolicies = Map.copyOf(functionPolicies);
  }

  /** Opens the intake of a trigger. */
  public Intake intake(TriggerPolicy policy) {
    FunctionGate gate =
        gates.computeIfAbsent(
            policy.function().name(),
            name ->
                new FunctionGate(
                    policy.function(),
                    functionPolicies.getOrDefault(name, FunctionPolicy.DEFAULT),
                    around));
    TriggerDispatch dispatch = new TriggerDispatch(policy, gate, quarantine, around);
    if (triggers.putIfAbsent(policy.trigger(), dispatch) != null) {
      throw new IllegalArgumentException("trigger '" + policy.trigger() + "' is registered twice");
    }
    return dispatch;
  }

  /**
   * Takes back an event that was parked, if there is room for it.
   *
   * @param listener learns the settlement, as an intake's does
   * @return false when there is no room, or no such trigger: nothing happened
   */
  public boolean resume(Parking.Parked retry, SettlementListener listener) {
    TriggerDispatch dispatch = triggers.get(retry.trigger());
    return dispatch != null && dispatch.resume(retry, listener);
  }

  /**
   * Takes events out of the queue of a parked lane: the next ones, in order, as far as there is
   * room. One batch of a lane at a time. An event that is released, or that is dead-lettered again,
   * ends the batch: those behind it are released and stay in the queue.
   *
   * @param next the next events of the queue, in order
   * @param listener learns each settlement
   * @return how many were taken, from the first
   */
  public int drainKey(
      String trigger,
      String lane,
      List<KeyQueue.Queued> next,
      KeyQueue.SettlementListener listener) {
    TriggerDispatch dispatch = triggers.get(trigger);
    return dispatch == null ? 0 : dispatch.drainKey(lane, next, listener);
  }

  /** Ends the parking of a lane whose queue seems empty, if it is so when the lane is free. */
  public void unpark(String trigger, String lane) {
    TriggerDispatch dispatch = triggers.get(trigger);
    if (dispatch != null) {
      dispatch.unpark(lane);
    }
  }

  /** Books events that a trigger received and gave up before offering them. */
  public void dropped(String trigger, long count, String reason) {
    of(trigger).account().drop(count, reason);
  }

  /**
   * Stops every intake and releases what waits for a delay. What runs or is ready to run goes on;
   * {@link #idle} tells when it is through.
   */
  public void drain() {
    triggers.values().forEach(TriggerDispatch::drain);
    gates.values().forEach(FunctionGate::drain);
  }

  /** Releases everything that is not running at this moment. */
  public void release() {
    triggers.values().forEach(TriggerDispatch::release);
  }

  /** Whether no event is with the worker. */
  public boolean idle() {
    return triggers.values().stream().allMatch(TriggerDispatch::idle);
  }

  /** The names of the registered triggers, in the order of registration. */
  public List<String> triggers() {
    return List.copyOf(triggers.keySet());
  }

  /** One trigger's account at this moment. */
  public Conservation conservation(String trigger) {
    return of(trigger).account().conservation();
  }

  /** One trigger's queues at this moment. */
  public Queues queues(String trigger) {
    TriggerDispatch dispatch = of(trigger);
    return new Queues(
        dispatch.gate().depth(),
        dispatch.waitingEvents(),
        dispatch.account().holding(),
        dispatch.gate().breaker() != Breaker.State.CLOSED);
  }

  /**
   * What waits, for metrics.
   *
   * @param ready events ready to run for which the function has no place yet, of all its triggers
   * @param waiting events that wait for a delay
   * @param holding whether the intake is closed because a broker, a dead-letter sink or the store
   *     is down
   * @param breakerOpen whether the function's breaker keeps the intake closed
   */
  public record Queues(int ready, int waiting, boolean holding, boolean breakerOpen) {}

  private TriggerDispatch of(String trigger) {
    TriggerDispatch dispatch = triggers.get(trigger);
    if (dispatch == null) {
      throw new IllegalArgumentException("no trigger named '" + trigger + "'");
    }
    return dispatch;
  }
}
