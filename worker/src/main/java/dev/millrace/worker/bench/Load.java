package dev.millrace.worker.bench;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** What gives a benchmark its events, on a thread of its own whose work is not counted. */
final class Load {

  private final CompletableFuture<Usage> used = new CompletableFuture<>();

  private Load() {}

  /** Something to do that ends by itself. */
  @FunctionalInterface
  interface Work {
    void run() throws Exception;
  }

  /** Starts it. */
  static Load start(Work work) {
    Load load = new Load();
    Callable<Usage> measured =
        () -> {
          Usage before = Usage.ofThread();
          work.run();
          return Usage.ofThread().since(before);
        };
    Thread.ofPlatform()
        .daemon()
        .name("load")
        .start(
            () -> {
              try {
                load.used.complete(measured.call());
              } catch (Throwable e) {
                load.used.completeExceptionally(e);
              }
            });
    return load;
  }

  /** Waits for its end; answers what its thread used. */
  Usage await() throws InterruptedException, ExecutionException {
    return used.get();
  }

  /**
   * Whether it failed.
   *
   * @throws IllegalStateException if so
   */
  void check() {
    if (used.isCompletedExceptionally()) {
      throw new IllegalStateException("the load failed", used.exceptionNow());
    }
  }
}
