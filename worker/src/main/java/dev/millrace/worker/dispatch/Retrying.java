package dev.millrace.worker.dispatch;

import dev.millrace.triggers.Attempt;
import dev.millrace.triggers.FailureClass;
import dev.millrace.triggers.Settlement;
import java.time.Duration;
import java.time.Instant;

/**
 * Decides what becomes of a failed event: it is given up, or it waits for its next attempt, in
 * memory or, where that is allowed and worth it, in the store.
 */
final class Retrying {

  private final TriggerState state;
  private final Claims claims;
  private final Ending ending;
  private final GivingUp givingUp;

  Retrying(TriggerState state, Claims claims, Ending ending, GivingUp givingUp) {
    this.state = state;
    this.claims = claims;
    this.ending = ending;
    this.givingUp = givingUp;
  }

  void failed(Task task, Outcome.Failed failure, Invocation.Result result) {
    Instant now = state.around().clock().instant();
    claims.giveUp(task);
    int number = task.attempts + 1;
    task.remember(
        new Attempt(
            number,
            now.minus(result.duration()),
            result.duration(),
            failure.kind(),
            failure.error(),
            result.log()));
    Surroundings around = state.around();
    Duration age = Duration.between(task.receivedAt, now);
    int failures =
        failure.kind().failureClass() == FailureClass.INFRASTRUCTURE ? ++task.troubles : number;
    RetryPolicy policy = state.policy().retry();
    switch (policy.after(failure, failures, task.history(), age, around.random())) {
      case Verdict.GiveUp giveUp -> givingUp.giveUp(task, giveUp.kind(), giveUp.error());
      case Verdict.Retry retry -> {
        if (retry.counted()) {
          task.attempts = number;
        }
        state
            .listener()
            .retryScheduled(state.trigger(), task.event, number, retry.delay(), failure);
        retry(task, retry.delay());
      }
    }
  }

  private void retry(Task task, Duration delay) {
    Parking parking = task.lane == null ? state.policy().keeping().parking().orElse(null) : null;
    if (parking == null) {
      state.putAside(task);
      retryFromMemory(task, delay);
    } else if (delay.compareTo(parking.beyond()) >= 0 || !state.putAside(task)) {
      park(task, delay, parking);
    } else {
      retryFromMemory(task, delay);
    }
  }

  private void park(Task task, Duration delay, Parking parking) {
    Instant dueAt = state.around().clock().instant().plus(delay);
    Parking.Parked parked = task.parked(state.trigger(), state.function(), dueAt);
    state
        .around()
        .call(() -> parking.park(parked))
        .whenComplete(
            (ok, error) -> {
              if (error == null) {
                ending.conclude(task, Settlement.PARKED, "");
              } else {
                state.putAside(task);
                retryFromMemory(task, delay);
              }
            });
  }

  private void retryFromMemory(Task task, Duration delay) {
    if (task.lane != null && task.joined != null) {
      state.lanes().stall(task.lane, task.joined, state::putAside);
    }
    FunctionGate gate = state.gate();
    state.waiting().after(task, delay, gate::payForRetry, () -> gate.submit(task));
  }
}
