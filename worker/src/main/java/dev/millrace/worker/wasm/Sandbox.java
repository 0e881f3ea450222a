package dev.millrace.worker.wasm;

import com.dylibso.chicory.runtime.ExportFunction;
import com.dylibso.chicory.runtime.GlobalInstance;
import com.dylibso.chicory.runtime.ImportValues;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.wasm.types.MutabilityType;
import dev.millrace.abi.GuestAbi;
import dev.millrace.worker.wasm.FunctionSpec.AbiKind;
import java.util.ArrayList;
import java.util.List;

/**
 * One instance of a module, and what is needed to put it back to the moment after its
 * initialization: its memories with their snapshots and the values of its mutable globals.
 *
 * <p>Confined to the thread that holds the slot.
 */
final class Sandbox {

  private final List<SnapshotMemory> memories;
  private final List<GlobalInstance> globals;
  private final long[] savedGlobals;
  private final ExportFunction entry;

  private Sandbox(List<SnapshotMemory> memories, Instance instance, String entry) {
    this.memories = List.copyOf(memories);
    this.globals = mutableGlobals(instance);
    this.savedGlobals = globals.stream().mapToLong(GlobalInstance::getValueLow).toArray();
    this.entry = instance.export(entry);
    memories.forEach(SnapshotMemory::snapshot);
  }

  /**
   * Makes an instance and initializes it: the start section and {@code _initialize} run here, on
   * the calling thread and under its deadline.
   */
  static Sandbox create(CompiledFunction function, ImportValues imports, Bounds bounds) {
    List<SnapshotMemory> memories = new ArrayList<>();
    Instance instance =
        Instance.builder(function.module())
            .withMachineFactory(function.machine())
            .withImportValues(imports)
            .withMemoryFactory(
                limits -> {
                  SnapshotMemory memory = new SnapshotMemory(limits, bounds.memory());
                  memories.add(memory);
                  return memory;
                })
            .withTableFactory(bounds.tables()::table)
            .withStart(false)
            .build();
    boolean command = function.settings().abi() == AbiKind.COMMAND;
    if (!command && function.exports(Inspector.INITIALIZE)) {
      instance.export(Inspector.INITIALIZE).apply();
    }
    String entry = command ? AbiChoice.START : GuestAbi.HANDLE;
    return new Sandbox(memories, instance, entry);
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

  /** Calls the entry: {@code handle} or {@code _start}; answers what it returns, 0 for nothing. */
  int call() {
    long[] results = entry.apply();
    return results == null || results.length == 0 ? 0 : (int) results[0];
  }

  /** Back to the moment after initialization. */
  void reset() {
    for (SnapshotMemory memory : memories) {
      memory.reset();
    }
    for (int i = 0; i < savedGlobals.length; i++) {
      globals.get(i).setValueLow(savedGlobals[i]);
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
