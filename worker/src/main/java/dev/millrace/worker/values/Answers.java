package dev.millrace.worker.values;

import dev.millrace.worker.wasm.host.UnavailableException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

/** Waits for the answers that guests wait for. */
final class Answers {

  private Answers() {}

  static <T> T await(CompletionStage<T> answer) throws UnavailableException, InterruptedException {
    return result(answer.toCompletableFuture());
  }

  static <T> T result(Future<T> answer) throws UnavailableException, InterruptedException {
    try {
      return answer.get();
    } catch (ExecutionException e) {
      throw new UnavailableException(String.valueOf(e.getCause().getMessage()), e.getCause());
    }
  }
}
