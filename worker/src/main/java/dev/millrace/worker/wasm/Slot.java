package dev.millrace.worker.wasm;

import com.dylibso.chicory.runtime.ImportValues;
import com.dylibso.chicory.wasm.ChicoryException;
import dev.millrace.triggers.FailureKind;
import dev.millrace.triggers.Recording;
import dev.millrace.worker.cores.Seat;
import dev.millrace.worker.dispatch.Invocation;
import dev.millrace.worker.dispatch.OnceKeys;
import dev.millrace.worker.dispatch.Outcome;
import dev.millrace.worker.wasm.abi.Ending;
import dev.millrace.worker.wasm.deadline.Deadline;
import dev.millrace.worker.wasm.deadline.Watchdog;
import dev.millrace.worker.wasm.host.Call;
import dev.millrace.worker.wasm.host.GuestStop;
import dev.millrace.worker.wasm.memory.SpareMemory;
import dev.millrace.worker.wasm.recording.HostAnswers;
import dev.millrace.worker.wasm.recording.Player;
import dev.millrace.worker.wasm.recording.Recorder;
import dev.millrace.worker.wasm.recording.Replay;
import dev.millrace.worker.wasm.spec.FunctionSpec.InstanceMode;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
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

  /** One of so many resets is timed. */
  private static final int TIMED_RESETS = 16;

  private final CompiledFunction function;
  private final Counters counters;
  private final Watchdog watchdog;
  private final Deadline deadline;
  private final HostAnswers answers;
  private final Call call;
  private final Verdict verdict;
  private final ImportValues imports;
  private Sandbox.Bounds bounds;
  private @Nullable Sandbox sandbox;

  /** What the sandbox before left, while there is none. */
  private final SpareMemory spare = new SpareMemory();

  /** When it was first seen idle since its last use, by the engine's ticker. */
  private long idleSince;

  /** Whether it was used since somebody looked whether it is idle. */
  private boolean used = true;

  /** When the latest invocation was over and its traces gone, by {@link System#nanoTime}. */
  private long ended;

  /** What the sandbox of this slot, or what it left, holds of the engine's room. */
  private long heldBytes;

  /**
   * How long the module took that had to be loaded again; what runs first gets so much more time.
   */
  private long loadingNanos;

  /** Resets since one was timed. */
  private int untimedResets;

  /** How many of them are enough; the first one is timed. */
  private int resetsToTime = 1;

  /** Events that left their traces in the sandbox. */
  private int earlierEvents;

  /** The same as the running event found it. */
  private int seenEvents;

  private Slot(
      CompiledFunction function,
      Counters counters,
      Watchdog watchdog,
      Deadline deadline,
      HostAnswers answers) {
    this.function = function;
    this.counters = counters;
    this.watchdog = watchdog;
    this.deadline = deadline;
    this.answers = answers;
    this.call = new Call(function.settings(), answers, function.outside(), counters.progress());
    this.verdict = new Verdict(function, call);
    this.imports = function.imports(call);
    this.bounds = Sandbox.Bounds.of(function.spec().limits());
  }

  /** A slot whose guest lives in the world, and is recorded. */
  static Slot live(CompiledFunction function, Counters counters, Watchdog watchdog) {
    long began = System.nanoTime();
    function.loaded().enter();
    long loading = System.nanoTime() - began;
    Deadline deadline = watchdog.newDeadline();
    Slot slot =
        new Slot(function, counters, watchdog, deadline, new Recorder(function.clock(), deadline));
    slot.loadingNanos = loading;
    return slot;
  }

  /** Runs one invocation in a slot of its own, whose guest gets the recorded answers. */
  static Replay replay(
      CompiledFunction function,
      Counters counters,
      Watchdog watchdog,
      Invocation invocation,
      Recording recording) {
    function.loaded().enter();
    Deadline deadline = watchdog.newDeadline();
    Player player = new Player(recording, function.clock(), deadline);
    Slot slot = new Slot(function, counters, watchdog, deadline, player);
    try {
      return player.replay(slot.run(invocation, System.nanoTime(), Seat.NONE));
    } finally {
      slot.close();
    }
  }

  /** The data of an event exceeds what the function takes. */
  static Outcome.Failed tooLarge(CompiledFunction function, int bytes) {
    return Outcome.Failed.of(
        FailureKind.INPUT_LIMIT,
        "function '"
            + function.spec().name()
            + "': data of "
            + bytes
            + " bytes exceeds limits.input "
            + function.spec().limits().inputBytes()
            + "; raise the limit or send less");
  }

  /** Makes the sandbox ahead of the first event; tells how that failed, if it did. */
  Outcome.@Nullable Failed warmUp() {
    Duration timeout = function.spec().limits().timeout();
    Duration limit = timeout.compareTo(WARM_UP_AT_LEAST) < 0 ? WARM_UP_AT_LEAST : timeout;
    loadingNanos = 0;
    Outcome outcome = bounded(System.nanoTime() + limit.toNanos(), null, Seat.NONE);
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
   * @param seat what the thread leaves while the guest waits
   */
  Invocation.Result run(Invocation invocation, long started, Seat seat) {
    long timeout = function.spec().limits().timeout().toNanos();
    Outcome outcome = bounded(started + loadingNanos + timeout, invocation, seat);
    loadingNanos = 0;
    String log = call.log().text();
    Optional<Recording> recording = recording(invocation, outcome);
    List<OnceKeys.Claim> claims = call.claims();
    counters.logCutOff(call.log().cutOff());
    call.end();
    return new Invocation.Result(
        outcome,
        function.version(),
        Duration.ofNanos(ended - started),
        function.settings().redacted(log),
        recording,
        claims);
  }

  /** What a failed attempt depended on. */
  private Optional<Recording> recording(Invocation invocation, Outcome outcome) {
    if (!(outcome instanceof Outcome.Failed failed)
        || failed.kind() == FailureKind.INFRASTRUCTURE
        || !(answers instanceof Recorder recorder)) {
      return Optional.empty();
    }
    return Optional.of(
        function.recording(invocation.attempt(), seenEvents, recorder.start(), recorder.run()));
  }

  long idleSince() {
    return idleSince;
  }

  /** It is about to be idle. */
  void used() {
    used = true;
  }

  /** It is idle now. */
  void seenIdle(long nanos) {
    if (used) {
      used = false;
      idleSince = nanos;
    }
  }

  /** Lets the sandbox go, and the module. Once. */
  void close() {
    watchdog.forget(deadline);
    letGo();
    function.loaded().leave(function.clock().ticker().getAsLong());
  }

  private Outcome bounded(long end, @Nullable Invocation invocation, Seat seat) {
    if (Thread.currentThread().isInterrupted()) {
      ended = System.nanoTime();
      return Outcome.Failed.of(
          FailureKind.INFRASTRUCTURE,
          "function '"
              + function.spec().name()
              + "': not started because the worker is shutting down");
    }
    Attempt attempt;
    boolean fired;
    deadline.start(end);
    try {
      attempt = attempt(invocation, seat);
    } finally {
      fired = deadline.stop();
    }
    if (fired) {
      counters.timedOut();
      attempt = new Attempt(verdict.timedOut(), attempt.sandbox(), Left.DOUBTFUL);
    }
    settle(attempt, invocation != null);
    return attempt.outcome();
  }

  private Attempt attempt(@Nullable Invocation invocation, Seat seat) {
    Sandbox running = null;
    try {
      running = take();
      if (invocation == null) {
        return new Attempt(new Outcome.Succeeded(null, List.of()), running, Left.RESTORABLE);
      }
      call.begin(invocation, seat);
      answers.running();
      bounds.clearExceeded();
      Ending ending = running.call();
      return new Attempt(verdict.ended(ending, bounds.exceeded()), running, Left.RESTORABLE);
    } catch (Throwable thrown) {
      return new Attempt(ended(thrown, running), running, left(thrown));
    }
  }

  /**
   * What can be used again after an exception. One that the engine threw for an instruction, or a
   * host call to end the invocation, leaves nothing behind that the guest could not have left by
   * returning; so what is put back for each event is put back after it. What is reused goes, unless
   * its ABI ends each event like that.
   */
  private Left left(Throwable thrown) {
    if (!Left.unwound(thrown)) {
      return Left.DOUBTFUL;
    }
    boolean usual =
        function.spec().instance() == InstanceMode.FRESH
            ? thrown instanceof ChicoryException || thrown instanceof GuestStop
            : thrown instanceof GuestStop.Exit && function.abi().endsInHostCall();
    return usual ? Left.RESTORABLE : Left.MEMORY;
  }

  private Outcome ended(Throwable thrown, @Nullable Sandbox running) {
    boolean exceeded = bounds.exceeded();
    return running == null
        ? verdict.threwAtStart(thrown, exceeded)
        : verdict.threw(thrown, exceeded);
  }

  /** Takes the sandbox out of this slot, or makes one. Only {@link #settle} puts it back. */
  private Sandbox take() {
    Sandbox present = sandbox;
    if (present != null) {
      sandbox = null;
      seenEvents = earlierEvents;
      return present;
    }
    long began = System.nanoTime();
    bounds = Sandbox.Bounds.of(function.spec().limits());
    earlierEvents = 0;
    seenEvents = 0;
    Sandbox made;
    try {
      made = create();
    } finally {
      letGo();
    }
    counters.instantiated(System.nanoTime() - began);
    heldBytes = made.memoryBytes();
    function.room().take(heldBytes);
    return made;
  }

  /** The sandbox will not be used again. */
  private void letGo() {
    sandbox = null;
    spare.clear();
    function.room().giveBack(heldBytes);
    heldBytes = 0;
  }

  private Sandbox create() {
    answers.starting();
    try {
      return Sandbox.create(function, imports, bounds, call, spare);
    } finally {
      answers.started();
    }
  }

  /** Leaves the slot ready for the next event: with a sandbox that is as it should be, or none. */
  private void settle(Attempt attempt, boolean ofEvent) {
    putBack(attempt, ofEvent);
    ended = System.nanoTime();
  }

  private void putBack(Attempt attempt, boolean ofEvent) {
    if (attempt.outcome() instanceof Outcome.Failed failed && failed.kind() == FailureKind.TRAP) {
      counters.trapped();
    }
    Sandbox left = attempt.sandbox();
    if (left == null) {
      return;
    }
    counters.memory(left.memoryBytes());
    if (attempt.left() != Left.RESTORABLE) {
      left.leaveTo(spare, attempt.left() == Left.MEMORY);
      return;
    }
    if (ofEvent && function.spec().instance() == InstanceMode.FRESH) {
      if (!function.restorable()) {
        left.leaveTo(spare, true);
        return;
      }
      reset(left);
    } else if (ofEvent) {
      earlierEvents++;
    }
    sandbox = left;
  }

  /**
   * Puts a sandbox back. Only some are timed, each for those before it: the clock takes as long.
   */
  private void reset(Sandbox left) {
    untimedResets++;
    counters.reset();
    if (untimedResets < resetsToTime) {
      left.reset();
      return;
    }
    long began = System.nanoTime();
    left.reset();
    counters.resetsTook(untimedResets * (System.nanoTime() - began));
    untimedResets = 0;
    resetsToTime = TIMED_RESETS;
  }

  /**
   * What came of a run.
   *
   * @param outcome how it ended
   * @param sandbox what it ran in; {@code null} if that could not be made
   * @param left what it left of the sandbox
   */
  private record Attempt(Outcome outcome, @Nullable Sandbox sandbox, Left left) {}

  /** What can be used again of a sandbox. */
  private enum Left {
    /** Everything: its memory and globals are all that can have changed. */
    RESTORABLE,
    /** The arrays of its memory, which knows what was written. */
    MEMORY,
    /** The arrays of its memory, of which nothing is known. */
    DOUBTFUL;

    /** Whether only exceptions were thrown: a full stack or heap can strike amid a store. */
    static boolean unwound(Throwable thrown) {
      for (Throwable each = thrown; each != null; each = each.getCause()) {
        if (!(each instanceof RuntimeException)) {
          return false;
        }
      }
      return true;
    }
  }
}
