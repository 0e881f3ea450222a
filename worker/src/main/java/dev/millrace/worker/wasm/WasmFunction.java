package dev.millrace.worker.wasm;

import dev.millrace.triggers.FailureKind;
import dev.millrace.triggers.Recording;
import dev.millrace.worker.cores.Seat;
import dev.millrace.worker.cores.Seats;
import dev.millrace.worker.dispatch.Function;
import dev.millrace.worker.dispatch.Invocation;
import dev.millrace.worker.dispatch.Outcome;
import dev.millrace.worker.wasm.host.Progress;
import dev.millrace.worker.wasm.recording.Replay;
import dev.millrace.worker.wasm.spec.FunctionSpec;
import dev.millrace.worker.wasm.spec.Limits;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A deployed function: a name, and the version that is live under it.
 *
 * <ul>
 *   <li>An invocation takes the version that is live when it begins and keeps it to its end.
 *   <li>{@link #swap} changes the live version at once and loses no invocation; the old version is
 *       unloaded when the last invocation that uses it has ended.
 *   <li>Never more than {@link #concurrency} invocations run at once, over all versions; one that
 *       finds no place waits for it, within its timeout.
 *   <li>On a virtual thread a guest has one of the engine's seats while it computes, and leaves it
 *       while it waits for somebody outside. Waiting for the seat is part of its time.
 * </ul>
 *
 * Safe for any number of threads. Guest code runs on the thread that calls {@link #invoke}, which
 * should have a stack of one to two megabytes: a guest's recursion is bounded by it.
 */
public final class WasmFunction implements Function, AutoCloseable {

  private final String name;
  private final Deployer deployer;
  private final Counters counters;
  private final Permits permits;
  private final Seats.Row row;
  private final Set<FunctionVersion> versions = ConcurrentHashMap.newKeySet();
  private final ReentrantLock deploying = new ReentrantLock();
  private volatile FunctionVersion live;
  private volatile boolean closed;

  WasmFunction(Deployer deployer, Counters counters, FunctionVersion first, Seats.Row row) {
    this.name = first.function().spec().name();
    this.deployer = deployer;
    this.counters = counters;
    this.permits = new Permits(first.function().spec().concurrency());
    this.row = row;
    this.live = first;
    versions.add(first);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int concurrency() {
    return live.function().spec().concurrency();
  }

  /** Whether the live version imports, and is granted, a host call that may wait. */
  @Override
  public boolean waits() {
    return live.function().waits();
  }

  /** The live version: a SHA-256 in hex over module, ABI and configuration without secrets. */
  public String version() {
    return live.function().version();
  }

  /** The entry of the manifest that is live. */
  public FunctionSpec spec() {
    return live.function().spec();
  }

  @Override
  public Invocation.Result invoke(Invocation invocation) {
    long started = System.nanoTime();
    counters.invoked();
    try {
      return admit(invocation, started);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return failed(
          FailureKind.INFRASTRUCTURE, "not started because the worker is shutting down", started);
    } catch (RuntimeException e) {
      // Counted as an attempt: an event that meets a bug of ours each time must come to an end.
      return failed(FailureKind.INTERNAL_ERROR, "the engine failed: " + e, started);
    } catch (Error e) {
      return failed(FailureKind.INFRASTRUCTURE, "no sandbox could be made: " + e, started);
    }
  }

  /**
   * Deploys another version and makes it live. Compiles and warms it first, so this takes as long
   * as {@link Engine#deploy}; invocations go on meanwhile.
   *
   * @throws DeployException if it cannot be deployed; the live version stays
   */
  public void swap(FunctionSpec spec) throws DeployException {
    try (Candidate candidate = prepare(spec)) {
      candidate.goLive();
    }
  }

  /**
   * Deploys another version without making it live, for who wants to look at it first. Blocks as
   * {@link #swap} does.
   *
   * @throws DeployException if it cannot be deployed
   */
  public Candidate prepare(FunctionSpec spec) throws DeployException {
    if (!spec.name().equals(name)) {
      throw new IllegalArgumentException(
          "function '" + name + "' cannot be swapped for function '" + spec.name() + "'");
    }
    return new Candidate(deployer.deploy(spec, counters));
  }

  private void swap(FunctionVersion next) {
    deploying.lock();
    try {
      if (closed) {
        next.retire();
        return;
      }
      FunctionVersion old = live;
      versions.add(next);
      permits.resize(next.function().spec().concurrency());
      live = next;
      old.retire();
      versions.removeIf(FunctionVersion::drained);
    } finally {
      deploying.unlock();
    }
  }

  /**
   * A version that is deployed and warm, and not live. Closing it unloads it, unless it went live.
   * For one thread.
   */
  public final class Candidate implements AutoCloseable {

    private final FunctionVersion version;
    private boolean used;

    private Candidate(FunctionVersion version) {
      this.version = version;
    }

    /** As {@link WasmFunction#version}. */
    public String version() {
      return version.function().version();
    }

    /** Makes it the live version; the one before it runs what it has begun to its end. */
    public void goLive() {
      if (!used) {
        used = true;
        swap(version);
      }
    }

    @Override
    public void close() {
      if (!used) {
        used = true;
        version.retire();
      }
    }
  }

  /** The SHA-256 of the live version's module, in hex. */
  public String module() {
    return live.function().digest();
  }

  /**
   * Runs an attempt again: the same answers from the host, in the recorded order, in a sandbox of
   * its own. Its limits are those of this function; give it the recorded ones to have the same.
   * Blocks as {@link #invoke} does.
   */
  public Replay replay(Invocation invocation, Recording recording) {
    byte[] data = invocation.event().data();
    if (data != null && data.length > live.function().spec().limits().inputBytes()) {
      Invocation.Result refused = tooLarge(invocation, data.length, System.nanoTime());
      return new Replay(refused, Optional.empty(), false, false);
    }
    return live.replay(invocation, recording);
  }

  /** What the function has done and has now. */
  public FunctionStats stats() {
    int idle = 0;
    int leased = 0;
    for (FunctionVersion version : versions) {
      idle += version.idleSlots();
      leased += version.leasedSlots();
    }
    return counters.stats(idle, leased);
  }

  /** What running invocations say of their progress, the oldest word first. */
  public List<Progress> progress() {
    return counters.progress().all();
  }

  /** Runs nothing any more. Invocations that have begun go on to their end. */
  @Override
  public void close() {
    deploying.lock();
    try {
      closed = true;
      live.retire();
      versions.removeIf(FunctionVersion::drained);
    } finally {
      deploying.unlock();
    }
    deployer.closed(this);
  }

  /** Lets go what nobody has used for a while, and versions that have drained. */
  void keepHouse(Duration idleAfter) {
    versions.forEach(version -> version.letIdleGo(idleAfter.toNanos()));
    versions.removeIf(FunctionVersion::drained);
  }

  /** Runs an invocation if its data is not too large, and when there is a place for it. */
  private Invocation.Result admit(Invocation invocation, long started) throws InterruptedException {
    Limits limits = live.function().spec().limits();
    byte[] data = invocation.event().data();
    if (data != null && data.length > limits.inputBytes()) {
      return tooLarge(invocation, data.length, started);
    }
    if (!permits.tryAcquire(limits.timeout().toNanos(), TimeUnit.NANOSECONDS)) {
      return failed(
          FailureKind.INFRASTRUCTURE,
          "no sandbox was free within limits.timeout; raise concurrency or send less",
          started);
    }
    try {
      Seat seat = Thread.currentThread().isVirtual() ? row.seat() : Seat.NONE;
      return seated(invocation, started, seat);
    } finally {
      permits.release();
    }
  }

  /** Runs an invocation as soon as its guest may compute. */
  private Invocation.Result seated(Invocation invocation, long started, Seat seat)
      throws InterruptedException {
    if (seat != Seat.NONE && !seat.take(left(started))) {
      return failed(
          FailureKind.INFRASTRUCTURE, "no core was free within limits.timeout; send less", started);
    }
    try {
      return run(invocation, started, seat);
    } finally {
      seat.leave();
    }
  }

  /** Nanoseconds that an invocation has left. */
  private long left(long started) {
    return live.function().spec().limits().timeout().toNanos() - (System.nanoTime() - started);
  }

  private Invocation.Result run(Invocation invocation, long started, Seat seat) {
    while (true) {
      FunctionVersion version = live;
      Slot slot = version.lease();
      if (slot != null) {
        try {
          return slot.run(invocation, started, seat);
        } finally {
          version.giveBack(slot);
          if (version != live && version.drained()) {
            versions.remove(version);
          }
        }
      }
      if (closed) {
        return failed(FailureKind.INFRASTRUCTURE, "not started because it is closed", started);
      }
      // Retired between the two lines above: another version is live by now.
      Thread.onSpinWait();
    }
  }

  private Invocation.Result tooLarge(Invocation invocation, int bytes, long started) {
    CompiledFunction function = live.function();
    return new Invocation.Result(
        Slot.tooLarge(function, bytes),
        function.version(),
        Duration.ofNanos(System.nanoTime() - started),
        "",
        Optional.of(
            function.recording(
                invocation.attempt(), 0, Recording.Tape.EMPTY, Recording.Tape.EMPTY)),
        List.of());
  }

  private Invocation.Result failed(FailureKind kind, String what, long started) {
    return new Invocation.Result(
        Outcome.Failed.of(kind, "function '" + name + "': " + what),
        "",
        Duration.ofNanos(System.nanoTime() - started),
        "");
  }

  /** What a function needs of its engine. */
  interface Deployer {
    FunctionVersion deploy(FunctionSpec spec, Counters counters) throws DeployException;

    void closed(WasmFunction function);
  }
}
