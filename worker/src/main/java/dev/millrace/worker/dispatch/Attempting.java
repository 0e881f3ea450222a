package dev.millrace.worker.dispatch;

import dev.millrace.abi.Message;
import dev.millrace.triggers.FailureKind;
import dev.millrace.triggers.PublishException;
import dev.millrace.triggers.Settlement;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs one attempt on a worker thread, and publishes what came out of it. */
final class Attempting {

  private static final Logger LOG = LoggerFactory.getLogger(Attempting.class);

  private final TriggerState state;
  private final Holding holding;
  private final Ending ending;
  private final Retrying retrying;
  private final GivingUp givingUp;

  Attempting(
      TriggerState state, Holding holding, Ending ending, Retrying retrying, GivingUp givingUp) {
    this.state = state;
    this.holding = holding;
    this.ending = ending;
    this.retrying = retrying;
    this.givingUp = givingUp;
  }

  Health attempt(Task task) {
    CrashRecord.Note note = state.around().crashes().begins(state.trigger(), task.event);
    Invocation invocation = new Invocation(task.event, state.trigger(), task.attempts + 1, note);
    Invocation.Result result = invoke(invocation);
    task.version = result.version();
    task.claims = result.claims();
    task.recording = result.recording();
    state.listener().attempted(state.function(), invocation, result);
    switch (result.outcome()) {
      case Outcome.Succeeded succeeded -> succeed(task, succeeded);
      case Outcome.Failed failed -> retrying.failed(task, failed, result);
    }
    return Health.of(result.outcome());
  }

  private Invocation.Result invoke(Invocation invocation) {
    try {
      return state.policy().function().invoke(invocation);
    } catch (Throwable bug) {
      LOG.atError()
          .setCause(bug)
          .addKeyValue("trigger", state.trigger())
          .addKeyValue("function", state.function())
          .addKeyValue("event", invocation.event().id())
          .log("the worker failed at an event; this is a bug of Millrace");
      return new Invocation.Result(
          Outcome.Failed.of(FailureKind.INTERNAL_ERROR, "the worker failed: " + bug),
          "",
          Duration.ZERO,
          "");
    } finally {
      invocation.note().returned();
    }
  }

  private void succeed(Task task, Outcome.Succeeded succeeded) {
    List<Message> messages = Results.of(task.event, succeeded, state.policy().replyTo());
    if (messages.isEmpty()) {
      ending.conclude(task, Settlement.DONE, "");
    } else {
      publish(task, messages);
    }
  }

  private void publish(Task task, List<Message> messages) {
    state
        .around()
        .call(
            () ->
                task.listener
                    .results()
                    .map(source -> source.publish(messages))
                    .orElseGet(() -> state.policy().publisher().publish(messages)))
        .whenComplete((ok, error) -> published(task, messages, error));
  }

  private void published(Task task, List<Message> messages, @Nullable Throwable error) {
    if (error == null) {
      ending.conclude(task, Settlement.DONE, "");
      return;
    }
    Throwable cause = Holding.cause(error);
    if (cause instanceof PublishException refused && refused.permanent()) {
      givingUp.giveUp(task, FailureKind.PUBLISH_REFUSED, refused.getMessage());
      return;
    }
    Duration delay = holding.delay(task);
    state.listener().publishHeld(state.trigger(), task.event, cause, delay);
    holding.hold(task, delay, () -> publish(task, messages));
  }
}
