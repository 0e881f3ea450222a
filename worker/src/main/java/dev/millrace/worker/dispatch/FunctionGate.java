package dev.millrace.worker.dispatch;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Lets at most {@code concurrency} invocations of one function run at once, whichever triggers they
 * come from. What is over waits here, in order, and not on a worker thread. A function takes at
 * most {@code concurrency} places in the executor's queue, so that a busy function cannot push the
 * others out of it. While the function's breaker is open nothing runs, and retries wait until its
 * budget can pay for them.
 *
 * <p>Invariant: {@code running <= concurrency}, and {@code ready} is empty unless {@code running ==
 * concurrency}, the breaker refuses, or a worker is about to look. Guarded by {@code lock}, which
 * is never held while a task runs.
 */
final class FunctionGate {

  /** How often retries without budget ask again. */
  private static final Duration BUDGET_PERIOD = Duration.ofMillis(100);

  private final Function function;
  private final Surroundings around;
  private final Workers.Turns turns;

  private final ReentrantLock lock = new ReentrantLock();
  private final ArrayDeque<Task> ready = new ArrayDeque<>();
  private final ArrayDeque<Runnable> unpaid = new ArrayDeque<>();
  private final @Nullable Breaker breaker;
  private final @Nullable RetryBudget budget;
  private final Runnable turn = this::work;
  private int running;
  private boolean draining;

  FunctionGate(Function function, FunctionPolicy policy, Surroundings around) {
    this.function = function;
    this.around = around;
    this.turns = around.workers().turns(function);
    this.breaker = policy.breaker().map(Breaker::new).orElse(null);
    this.budget =
        policy.retryBudget().map(of -> new RetryBudget(of, around.clock().instant())).orElse(null);
  }

  Function function() {
    return function;
  }

  /** Runs a task as soon as the function has a place for it. */
  void submit(Task task) {
    lock.lock();
    try {
      ready.add(task);
      if (running >= function.concurrency() || !admits()) {
        return;
      }
      running++;
    } finally {
      lock.unlock();
    }
    turns.execute(turn);
  }

  /** Calls back as soon as the budget can pay for a retry; at once if there is none. */
  void payForRetry(Runnable retry) {
    boolean first;
    lock.lock();
    try {
      if (budget == null || (unpaid.isEmpty() && budget.pay(around.clock().instant()))) {
        first = false;
      } else {
        unpaid.add(retry);
        first = unpaid.size() == 1;
        if (!first) {
          return;
        }
      }
    } finally {
      lock.unlock();
    }
    if (first) {
      around.timer().after(BUDGET_PERIOD, this::payForWaiting);
    } else {
      retry.run();
    }
  }

  private void payForWaiting() {
    ArrayDeque<Runnable> paid = new ArrayDeque<>();
    boolean more;
    lock.lock();
    try {
      while (!unpaid.isEmpty()
          && (budget == null || draining || budget.pay(around.clock().instant()))) {
        paid.add(unpaid.remove());
      }
      more = !unpaid.isEmpty();
    } finally {
      lock.unlock();
    }
    if (more) {
      around.timer().after(BUDGET_PERIOD, this::payForWaiting);
    }
    paid.forEach(Runnable::run);
  }

  /** How many tasks wait for a place. */
  int depth() {
    lock.lock();
    try {
      return ready.size();
    } finally {
      lock.unlock();
    }
  }

  /** The breaker's state; closed if there is none. */
  Breaker.State breaker() {
    lock.lock();
    try {
      return breaker == null ? Breaker.State.CLOSED : breaker.state();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Whether new events are wanted: not while the breaker is open, and while it is half open only
   * one, if none is here to be the probe.
   */
  boolean wantsEvents() {
    if (breaker == null) {
      return true;
    }
    lock.lock();
    try {
      return breaker.state() == Breaker.State.CLOSED || (breaker.admits() && ready.isEmpty());
    } finally {
      lock.unlock();
    }
  }

  /** Whether what comes to run now has to be given back instead, at shutdown. */
  boolean refusing() {
    if (breaker == null) {
      return false;
    }
    lock.lock();
    try {
      return draining && breaker.state() != Breaker.State.CLOSED;
    } finally {
      lock.unlock();
    }
  }

  /** The end: what the breaker keeps waiting is run, to be given back. */
  void drain() {
    int starts;
    lock.lock();
    try {
      draining = true;
      starts = book(function.concurrency());
    } finally {
      lock.unlock();
    }
    start(starts);
  }

  private void work() {
    for (int taken = 0; taken < around.turn(); taken++) {
      Task task = next();
      if (task == null) {
        return;
      }
      long epoch = task.epoch;
      report(epoch, task.run());
      if (turns.over()) {
        break;
      }
    }
    turns.execute(turn);
  }

  private @Nullable Task next() {
    lock.lock();
    try {
      Task task =
          running > function.concurrency() || ready.isEmpty() || !admits() ? null : ready.poll();
      if (task == null) {
        running--;
        return null;
      }
      if (breaker != null) {
        task.epoch = breaker.admit();
      }
      if (budget != null && !task.tried) {
        task.tried = true;
        budget.firstAttempt();
      }
      return task;
    } finally {
      lock.unlock();
    }
  }

  private void report(long epoch, Health health) {
    if (breaker == null) {
      return;
    }
    Breaker.State state;
    Duration pause;
    int starts;
    lock.lock();
    try {
      if (!breaker.report(epoch, health)) {
        return;
      }
      state = breaker.state();
      pause = breaker.pause();
      starts = book(function.concurrency());
    } finally {
      lock.unlock();
    }
    around.listener().breakerChanged(function.name(), state == Breaker.State.OPEN, pause);
    if (state == Breaker.State.OPEN) {
      around.timer().after(pause, this::pauseOver);
    }
    start(starts);
  }

  private void pauseOver() {
    int starts;
    lock.lock();
    try {
      if (breaker != null) {
        breaker.pauseOver();
      }
      starts = book(1);
    } finally {
      lock.unlock();
    }
    start(starts);
  }

  private boolean admits() {
    return breaker == null || draining || breaker.admits();
  }

  /** Books places for workers that shall look now, and answers how many. Under the lock. */
  private int book(int most) {
    int free = Math.min(function.concurrency() - running, ready.size());
    int starts = admits() ? Math.max(0, Math.min(most, free)) : 0;
    running += starts;
    return starts;
  }

  private void start(int workers) {
    for (int i = 0; i < workers; i++) {
      turns.execute(turn);
    }
  }
}
