package dev.millrace.worker.cli;

import dev.millrace.triggers.Trigger;
import dev.millrace.triggers.TriggerStatus;
import dev.millrace.worker.Worker;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Ends a worker whose brokers cannot be reached at the start. */
final class FailFast {

  private FailFast() {}

  /**
   * Returns when every trigger runs, or a signal asks to end.
   *
   * @throws CommandException naming the triggers that do not run within the limit, and why
   */
  static void requireConnected(Worker worker, Duration limit, CompletableFuture<String> asked)
      throws InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    while (!asked.isDone()) {
      List<String> waiting =
          worker.triggers().values().stream()
              .filter(trigger -> trigger.status().state() != TriggerStatus.State.RUNNING)
              .map(FailFast::sentence)
              .toList();
      if (waiting.isEmpty()) {
        return;
      }
      if (System.nanoTime() - deadline > 0) {
        throw new CommandException(ExitCodes.UNREACHABLE, String.join("\n", waiting));
      }
      Thread.sleep(100);
    }
  }

  private static String sentence(Trigger trigger) {
    return "trigger '" + trigger.name() + "' is not connected: " + trigger.status().detail();
  }
}
