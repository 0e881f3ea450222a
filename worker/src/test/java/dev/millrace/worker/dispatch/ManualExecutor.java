package dev.millrace.worker.dispatch;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;

/** Runs tasks when the test says so, in the order that the test's random source likes. */
final class ManualExecutor implements Executor {

  private final List<Runnable> tasks = new ArrayList<>();

  @Override
  public void execute(Runnable task) {
    tasks.add(task);
  }

  int size() {
    return tasks.size();
  }

  void runAny(RandomGenerator random) {
    tasks.remove(random.nextInt(tasks.size())).run();
  }

  void runNext() {
    tasks.remove(0).run();
  }

  void runAll() {
    while (!tasks.isEmpty()) {
      runNext();
    }
  }
}
