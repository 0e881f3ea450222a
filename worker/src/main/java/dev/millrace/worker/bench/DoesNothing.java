package dev.millrace.worker.bench;

import dev.millrace.worker.dispatch.Function;
import dev.millrace.worker.dispatch.Invocation;
import dev.millrace.worker.dispatch.Outcome;
import java.time.Duration;
import java.util.List;

/** A function that succeeds at once, for what is around functions. */
final class DoesNothing implements Function {

  private static final Invocation.Result DONE =
      new Invocation.Result(new Outcome.Succeeded(null, List.of()), "v", Duration.ZERO, "");

  /** Asked for each event, and finding it out is a call of the operating system. */
  private final int concurrency = Runtime.getRuntime().availableProcessors();

  @Override
  public String name() {
    return "nothing";
  }

  @Override
  public int concurrency() {
    return concurrency;
  }

  @Override
  public Invocation.Result invoke(Invocation invocation) {
    return DONE;
  }
}
