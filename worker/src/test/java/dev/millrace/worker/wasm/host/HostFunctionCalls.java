package dev.millrace.worker.wasm.host;

import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import dev.millrace.worker.cores.Seat;
import dev.millrace.worker.dispatch.Invocation;
import dev.millrace.worker.wasm.Guests;
import dev.millrace.worker.wasm.deadline.Watchdog;
import dev.millrace.worker.wasm.files.GuestFiles;
import dev.millrace.worker.wasm.memory.MemoryBudget;
import dev.millrace.worker.wasm.memory.SnapshotMemory;
import dev.millrace.worker.wasm.module.ModuleShape;
import dev.millrace.worker.wasm.recording.HostClock;
import dev.millrace.worker.wasm.recording.Recorder;
import dev.millrace.worker.wasm.spec.FunctionSpec;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Random;

/** Calls and memories for tests that call host functions without a guest. */
public final class HostFunctionCalls implements AutoCloseable {

  private final Watchdog watchdog = new Watchdog(() -> {}, Duration.ofDays(1));

  /** The call of a program that was started for no event yet. */
  public Call of(FunctionSpec spec, GuestFiles files) {
    HostClock clock = new HostClock(InstantSource.fixed(Guests.NOON), () -> 42, new Random(1));
    return new Call(
        new FunctionSettings(
            spec, Environment.of(spec.name(), spec.config()), true, "_start", null, files),
        new Recorder(clock, watchdog.newDeadline()),
        Outside.inMemory(),
        new ProgressBoard());
  }

  /** Turns a call to another event. */
  public static void begin(Call call) {
    call.begin(new Invocation(Guests.event("data").event(), "t", 1), Seat.NONE);
  }

  /** Calls a host function. */
  public static long call(HostImport imported, Call call, Memory memory, long... arguments) {
    GuestMemory view = new GuestMemory().enter(memory, imported.fullName());
    return imported.body().call(call, view, arguments);
  }

  /** A memory of one page. */
  public static Memory memory() {
    return new SnapshotMemory(new MemoryLimits(1, 1), new MemoryBudget(1 << 16));
  }

  /** The signature of a host function, as messages show it. */
  public static String signature(HostImport imported) {
    return ModuleShape.signature(imported.type());
  }

  @Override
  public void close() {
    watchdog.close();
  }
}
