package dev.millrace.worker.wasm;

import com.dylibso.chicory.runtime.ImportValues;
import dev.millrace.triggers.FailureKind;
import dev.millrace.worker.dispatch.Invocation;
import dev.millrace.worker.dispatch.Outcome;
import dev.millrace.worker.wasm.FunctionSpec.AbiKind;
import dev.millrace.worker.wasm.FunctionSpec.InstanceMode;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A place in which one invocation of a function version runs at a time, with the sandbox that it
 * runs in. The sandbox is made when it is first needed, and again after anything that may have left
 * it other than it was; between two events of an {@code instance: fresh} function it is put back.
 *
 * <p>Confined to the thread that has leased it; leasing and giving back order its uses.
 */
final class Slot {

  /** The first start of a version loads its classes, which a short timeout does not reckon with. */
  private static final Duration WARM_UP_AT_LEAST = Duration.ofSeconds(3);

  private final CompiledFunction function;
  private final Counters counters;
  private final Watchdog watchdog;
  private final Deadline deadline;
  private final Call call;
  private final Verdict verdict;
  private final ImportValues imports;
  private Sandbox.@Nullable Bounds bounds;
  private @Nullable Sandbox sandbox;
  private long idleSince;

  Slot(CompiledFunction function, Counters counters, Watchdog watchdog) {
    this.function = function;
    this.counters = counters;
    this.watchdog = watchdog;
    this.deadline = watchdog.newDeadline();
    this.call = new Call(function.settings(), function.clock(), deadline);
    this.verdict = new Verdict(function, call);
    this.imports = function.imports(call);
  }

  /** Makes the sandbox ahead of the first event; tells how that failed, if it did. */
  Outcome.@Nullable Failed warmUp() {
    Duration timeout = function.spec().limits().timeout();
    Duration limit = timeout.compareTo(WARM_UP_AT_LEAST) < 0 ? WARM_UP_AT_LEAST : timeout;
    Outcome outcome = bounded(limit.toNanos(), null);
    if (outcome instanceof Outcome.Failed failed) {
      return failed.kind() == FailureKind.TIMEOUT ? verdict.timedOutAtStart(limit) : failed;
    }
    return null;
  }

  /**
   * Runs one invocation.
   *
   * @param started when the function was asked, by {@link System#nanoTime}; its time counts from
   *     there
   */
  Invocation.Result run(Invocation invocation, long started) {
    long timeout = function.spec().limits().timeout().toNanos();
    Outcome outcome = bounded(timeout - (System.nanoTime() - started), invocation);
    String log = call.log().text();
    counters.logCutOff(call.log().cutOff());
    call.begin(null);
    return new Invocation.Result(
        outcome,
        function.version(),
        Duration.ofNanos(System.nanoTime() - started),
        function.settings().redacted(log));
  }

  long idleSince() {
    return idleSince;
  }

  void idleSince(long nanos) {
    idleSince = nanos;
  }

  /** Lets the sandbox go. */
  void close() {
    watchdog.forget(deadline);
    sandbox = null;
  }

  private Outcome bounded(long timeoutNanos, @Nullable Invocation invocation) {
    if (Thread.currentThread().isInterrupted()) {
      return Outcome.Failed.of(
          FailureKind.INFRASTRUCTURE,
          "function '"
              + function.spec().name()
              + "': not started because the worker is shutting down");
    }
    Outcome outcome;
    boolean pristine = false;
    deadline.start(timeoutNanos);
    try {
      Sandbox ready = sandbox();
      if (invocation == null) {
        outcome = new Outcome.Succeeded(null, List.of());
      } else {
        call.begin(invocation);
        ready.clearExceeded();
        outcome = verdict.returned(ready.call(), ready.exceeded());
      }
      pristine = true;
    } catch (GuestStop.Exit exit) {
      // A program's ordinary end. It unwinds like a trap does, but from a host call that changed
      // nothing, so memory and globals are all there is to put back.
      pristine = sandbox != null && function.settings().abi() == AbiKind.COMMAND;
      outcome = ended(exit);
    } catch (Throwable thrown) {
      outcome = ended(thrown);
    }
    if (deadline.stop()) {
      counters.timedOut();
      outcome = verdict.timedOut();
      pristine = false;
    }
    settle(outcome, pristine, invocation != null);
    return outcome;
  }

  private Outcome ended(Throwable thrown) {
    boolean exceeded = bounds != null && bounds.exceeded();
    return sandbox == null
        ? verdict.threwAtStart(thrown, exceeded)
        : verdict.threw(thrown, exceeded);
  }

  private Sandbox sandbox() {
    Sandbox present = sandbox;
    if (present == null) {
      long began = System.nanoTime();
      bounds = Sandbox.Bounds.of(function.spec().limits());
      present = Sandbox.create(function, imports, bounds);
      sandbox = present;
      counters.instantiated(System.nanoTime() - began);
    }
    return present;
  }

  /** Leaves the slot ready for the next event. */
  private void settle(Outcome outcome, boolean pristine, boolean used) {
    Sandbox left = sandbox;
    if (left != null) {
      counters.memory(left.memoryBytes());
    }
    if (outcome instanceof Outcome.Failed failed && failed.kind() == FailureKind.TRAP) {
      counters.trapped();
    }
    if (left == null || !pristine) {
      sandbox = null;
    } else if (used && function.spec().instance() == InstanceMode.FRESH) {
      if (function.restorable()) {
        long began = System.nanoTime();
        left.reset();
        counters.reset(System.nanoTime() - began);
      } else {
        sandbox = null;
      }
    }
  }
}
