package dev.millrace.worker.keeping;

import dev.millrace.triggers.Attempt;
import dev.millrace.worker.dispatch.DispatchListener;
import dev.millrace.worker.dispatch.Invocation;
import dev.millrace.worker.dispatch.Outcome;
import dev.millrace.worker.store.AttemptHistory;
import java.time.InstantSource;

/**
 * Notes failed attempts in the store's history.
 *
 * @param history where
 * @param clock tells the time
 */
public record AttemptRecorder(AttemptHistory history, InstantSource clock)
    implements DispatchListener {

  @Override
  public void attempted(String function, Invocation invocation, Invocation.Result result) {
    if (result.outcome() instanceof Outcome.Failed failed) {
      history.record(
          new AttemptHistory.Entry(
              invocation.trigger(),
              function,
              invocation.event().id(),
              new Attempt(
                  invocation.attempt(),
                  clock.instant().minus(result.duration()),
                  result.duration(),
                  failed.kind(),
                  failed.error(),
                  result.log())));
    }
  }
}
