package dev.millrace.worker.dispatch;

import java.util.List;
import java.util.concurrent.CompletionStage;

/** Finishes or gives up what an event's latest attempt claimed by {@code once}. */
final class Claims {

  private final TriggerState state;

  Claims(TriggerState state) {
    this.state = state;
  }

  /** Nothing of what was claimed is done. If this is lost, the claims end by themselves. */
  void giveUp(Task task) {
    if (task.claims.isEmpty()) {
      return;
    }
    List<OnceKeys.Claim> claims = task.claims;
    task.claims = List.of();
    Surroundings around = state.around();
    around.call(() -> around.onceKeys().giveUp(state.function(), owner(task), claims));
  }

  /** All of what was claimed is done; completes once that is remembered. */
  CompletionStage<Void> finish(Task task) {
    Surroundings around = state.around();
    return around.call(() -> around.onceKeys().finish(state.function(), owner(task), task.claims));
  }

  private String owner(Task task) {
    return new Invocation(task.event, state.trigger(), 1).owner();
  }
}
