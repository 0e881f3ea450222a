package dev.millrace.worker.wasm.memory;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * The arrays of memories whose sandbox is gone, for the sandbox that is made next in the same slot:
 * a guest that fails at full load would otherwise keep the collector busy, for which everybody
 * waits.
 *
 * <p>Invariant: every byte of them is zero and nobody else has them, so that a memory in one is as
 * new as one in a new array.
 *
 * <p>Confined to the thread that holds the slot.
 */
public final class SpareMemory {

  private final List<byte[]> arrays = new ArrayList<>();

  /** What the memories were after their initialization: the next ones mostly become the same. */
  private final List<MemorySnapshot> snapshots = new ArrayList<>();

  /** Keeps the array of a memory that will not be used again, all zeros, and its snapshot. */
  void keep(byte[] zeros, MemorySnapshot snapshot) {
    arrays.add(zeros);
    snapshots.add(snapshot);
  }

  /** A kept snapshot of just this content, if there is one. */
  @Nullable MemorySnapshot snapshotOf(byte[] bytes, IntPredicate touched) {
    for (MemorySnapshot each : snapshots) {
      if (each.isOf(bytes, touched)) {
        return each;
      }
    }
    return null;
  }

  /** Takes one of this length, if there is one. */
  byte @Nullable [] take(int length) {
    for (int i = 0; i < arrays.size(); i++) {
      if (arrays.get(i).length == length) {
        return arrays.remove(i);
      }
    }
    return null;
  }

  /** Lets go what is left. */
  public void clear() {
    arrays.clear();
    snapshots.clear();
  }
}
