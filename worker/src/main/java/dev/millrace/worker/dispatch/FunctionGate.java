package dev.millrace.worker.dispatch;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
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
 * concurrency}, the breaker refuses, or somebody is about to look: who adds a task looks for a
 * place afterwards, and who gives up a place looks for a task afterwards. Where events are quick,
 * one that runs is enough for the others, since a thread is not woken for a few microseconds' work:
 * it calls for help when they do not come to an end, and a timer looks after it. Breaker and budget
 * are guarded by {@code lock}, which is never held while a task runs; without them nobody takes it.
 */
final class FunctionGate {

  /** How often retries without budget ask again. */
  private static final Duration BUDGET_PERIOD = Duration.ofMillis(100);

  /** How long an event waits at most behind one that is not as short as was expected. */
  private static final Duration LOOK = Duration.ofMillis(10);

  private final Function function;
  private final Surroundings around;
  private final Workers.Turns turns;
  private final Runnable turn = this::work;

  private final ReentrantLock lock = new ReentrantLock();
  private final ConcurrentLinkedQueue<Task> ready = new ConcurrentLinkedQueue<>();
  private final AtomicInteger running = new AtomicInteger();
  private final AtomicBoolean looksSoon = new AtomicBoolean();
  private final ArrayDeque<Runnable> unpaid = new ArrayDeque<>();
  private final @Nullable Breaker breaker;
  private final @Nullable RetryBudget budget;
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
    ready.add(task);
    if (running.get() > 0 && turns.quick()) {
      lookSoon();
    } else {
      callForHelp();
    }
  }

  /** One more turn takes care of what is ready, if there is a place for it. */
  private void callForHelp() {
    if (takePlace()) {
      turns.execute(turn);
    }
  }

  private void lookSoon() {
    if (!looksSoon.get() && looksSoon.compareAndSet(false, true)) {
      around.timer().after(LOOK, this::look);
    }
  }

  private void look() {
    looksSoon.set(false);
    callForHelp();
    if (!ready.isEmpty() && running.get() < function.concurrency()) {
      lookSoon();
    }
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
    return ready.size();
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
    lock.lock();
    try {
      draining = true;
    } finally {
      lock.unlock();
    }
    start(function.concurrency());
  }

  private void work() {
    do {
      for (int taken = 0; taken < around.turn(); taken++) {
        Task task = next();
        if (task == null) {
          return;
        }
        long epoch = task.epoch;
        report(epoch, task.run());
        if (turns.over()) {
          turns.execute(turn);
          return;
        }
      }
      callForHelp();
    } while (turns.alone());
    turns.execute(turn);
  }

  /** The next task for a worker that has a place; without one the place is given up. */
  private @Nullable Task next() {
    do {
      Task task = running.get() > function.concurrency() ? null : admitted();
      if (task != null) {
        return task;
      }
      running.decrementAndGet();
    } while (takePlace());
    return null;
  }

  private @Nullable Task admitted() {
    if (breaker == null && budget == null) {
      return ready.poll();
    }
    lock.lock();
    try {
      Task task = admits() ? ready.poll() : null;
      if (task == null) {
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

  /** Takes a place if there is one, and a task that may have it. */
  private boolean takePlace() {
    int most = function.concurrency();
    int taken = running.get();
    while (taken < most && !ready.isEmpty() && wouldAdmit()) {
      if (running.compareAndSet(taken, taken + 1)) {
        return true;
      }
      taken = running.get();
    }
    return false;
  }

  private boolean wouldAdmit() {
    if (breaker == null) {
      return true;
    }
    lock.lock();
    try {
      return admits();
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
    lock.lock();
    try {
      if (!breaker.report(epoch, health)) {
        return;
      }
      state = breaker.state();
      pause = breaker.pause();
    } finally {
      lock.unlock();
    }
    around.listener().breakerChanged(function.name(), state == Breaker.State.OPEN, pause);
    if (state == Breaker.State.OPEN) {
      around.timer().after(pause, this::pauseOver);
    }
    start(function.concurrency());
  }

  private void pauseOver() {
    lock.lock();
    try {
      if (breaker != null) {
        breaker.pauseOver();
      }
    } finally {
      lock.unlock();
    }
    start(1);
  }

  private boolean admits() {
    return breaker == null || draining || breaker.admits();
  }

  /** Lets workers look, as far as there are places and tasks. */
  private void start(int most) {
    int starts = Math.min(most, ready.size());
    for (int i = 0; i < starts && takePlace(); i++) {
      turns.execute(turn);
    }
  }
}
