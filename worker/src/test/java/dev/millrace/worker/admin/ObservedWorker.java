package dev.millrace.worker.admin;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.triggers.DeadLetter;
import dev.millrace.triggers.FailureKind;
import dev.millrace.triggers.TriggerStatus;
import dev.millrace.worker.dispatch.Conservation;
import dev.millrace.worker.dispatch.Dispatcher;
import dev.millrace.worker.dispatch.Invocation;
import dev.millrace.worker.dispatch.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** What a worker tells its metrics, for tests to tell them. */
final class ObservedWorker {

  static final DetachedEvent EVENT =
      DetachedEvent.of("kafka:orders:0:1042", "orders", "record", Instant.EPOCH, "{}");

  private static final Conservation ACCOUNT =
      new Conservation(10, 5, 2, Map.of("overflow", 1L), 1, 1);

  private ObservedWorker() {}

  static TriggerGauges trigger(String name, String function) {
    return new TriggerGauges(
        name,
        function,
        "kafka",
        () -> ACCOUNT,
        () -> new Dispatcher.Queues(7, 3, true, true),
        () -> 2,
        () -> 4,
        () ->
            new TriggerStatus(TriggerStatus.State.RUNNING, "", Instant.EPOCH, OptionalLong.of(99)));
  }

  static void attempt(Metrics metrics, String trigger, String function, Outcome outcome) {
    metrics.attempted(
        function,
        new Invocation(EVENT, trigger, 1),
        new Invocation.Result(outcome, "v1", Duration.ofMillis(2), ""));
  }

  static Outcome succeeded() {
    return new Outcome.Succeeded(null, List.of());
  }

  static DeadLetter deadLetter(String trigger, String function, FailureKind failure) {
    return new DeadLetter(
        trigger + "/" + EVENT.id(),
        EVENT,
        trigger,
        function,
        "v1",
        failure,
        "refused",
        Instant.EPOCH,
        Instant.EPOCH,
        List.of(),
        1);
  }
}
