package dev.millrace.worker.wasm;

import com.dylibso.chicory.runtime.GlobalInstance;
import com.dylibso.chicory.runtime.ImportValues;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.wasm.types.MutabilityType;
import dev.millrace.worker.wasm.abi.Abi;
import dev.millrace.worker.wasm.abi.Ending;
import dev.millrace.worker.wasm.abi.GuestEntry;
import dev.millrace.worker.wasm.deadline.InterpreterWatch;
import dev.millrace.worker.wasm.host.Call;
import dev.millrace.worker.wasm.host.HostState;
import dev.millrace.worker.wasm.memory.CappedTable;
import dev.millrace.worker.wasm.memory.MemoryBudget;
import dev.millrace.worker.wasm.memory.SnapshotMemory;
import dev.millrace.worker.wasm.memory.SpareMemory;
import dev.millrace.worker.wasm.module.Execution;
import dev.millrace.worker.wasm.spec.Limits;
import java.util.ArrayList;
import java.util.List;

/**
 * One instance of a module, and what is needed to put it back to the moment after its
 * initialization: its memories with their snapshots, the values of its mutable globals, and what
 * the host keeps for it.
 *
 * <p>Confined to the thread that holds the slot.
 */
final class Sandbox {

  private final List<SnapshotMemory> memories;
  private final List<GlobalInstance> globals;
  private final long[] savedGlobals;
  private final HostState state;
  private final GuestEntry entry;

  private Sandbox(
      List<SnapshotMemory> memories, Instance instance, HostState state, GuestEntry entry) {
    this.memories = List.copyOf(memories);
    this.globals = mutableGlobals(instance);
    this.savedGlobals = globals.stream().mapToLong(GlobalInstance::getValueLow).toArray();
    this.state = state;
    this.entry = entry;
    memories.forEach(SnapshotMemory::snapshot);
    state.initialized();
  }

  /**
   * Makes an instance and initializes it: the start section and {@code _initialize} run here, on
   * the calling thread and under its deadline.
   *
   * @param call what the imports are linked to
   * @param spare arrays that its memories may use
   */
  static Sandbox create(
      CompiledFunction function,
      ImportValues imports,
      Bounds bounds,
      Call call,
      SpareMemory spare) {
    Abi abi = function.abi();
    HostState state = abi.newState(bounds.memory());
    call.state(state);
    List<SnapshotMemory> memories = new ArrayList<>();
    Instance.Builder builder =
        Instance.builder(function.module())
            .withMachineFactory(function.loaded()::machine)
            .withImportValues(imports)
            .withMemoryFactory(
                limits -> {
                  SnapshotMemory memory = new SnapshotMemory(limits, bounds.memory(), spare);
                  memories.add(memory);
                  return memory;
                })
            .withTableFactory(bounds.tables()::table)
            .withStart(false);
    if (function.spec().execution() == Execution.INTERPRETER) {
      builder.withUnsafeExecutionListener(new InterpreterWatch());
    }
    Instance instance = builder.build();
    return new Sandbox(memories, instance, state, abi.enter(instance, call));
  }

  /** What an instance may use; outlives a failed creation, so that it can say what was exceeded. */
  record Bounds(MemoryBudget memory, CappedTable.Budget tables) {

    static Bounds of(Limits limits) {
      return new Bounds(new MemoryBudget(limits.memoryBytes()), new CappedTable.Budget());
    }

    boolean exceeded() {
      return memory.exceeded() || tables.exceeded();
    }

    /** Forgets that a bound was exceeded; done before each invocation. */
    void clearExceeded() {
      memory.clearExceeded();
      tables.clearExceeded();
    }
  }

  /** Hands the invocation at hand to the guest. */
  Ending call() {
    return entry.call();
  }

  /** Back to the moment after initialization. */
  void reset() {
    for (SnapshotMemory memory : memories) {
      memory.reset();
    }
    for (int i = 0; i < savedGlobals.length; i++) {
      globals.get(i).setValueLow(savedGlobals[i]);
    }
    state.reset();
  }

  /**
   * Ends it, and leaves the arrays of its memories for the next one.
   *
   * @param cardsAreRight whether the memories know what was written to them
   */
  void leaveTo(SpareMemory spare, boolean cardsAreRight) {
    for (SnapshotMemory memory : memories) {
      memory.leaveTo(spare, cardsAreRight);
    }
  }

  /** The bytes that all its memories have now. */
  long memoryBytes() {
    long bytes = 0;
    for (SnapshotMemory memory : memories) {
      bytes += (long) memory.pages() * Memory.PAGE_SIZE;
    }
    return bytes;
  }

  private static List<GlobalInstance> mutableGlobals(Instance instance) {
    List<GlobalInstance> mutable = new ArrayList<>();
    for (int i = 0; i < instance.globalCount(); i++) {
      GlobalInstance global = instance.global(i);
      if (global.getMutabilityType() == MutabilityType.Var) {
        mutable.add(global);
      }
    }
    return List.copyOf(mutable);
  }
}
