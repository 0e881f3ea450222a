package dev.millrace.worker.wasm.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import org.junit.jupiter.api.Test;

/** Arrays and snapshots go from one memory to the next, and to no two at once. */
class SpareMemoryTest {

  @Test
  void anArrayIsTakenOnceAndByWhoNeedsItsLength() {
    MemoryBudget budget = new MemoryBudget(8L * Memory.PAGE_SIZE);
    byte[] array = new SnapshotMemory(new MemoryLimits(2), budget).zeroed(true);
    SpareMemory spare = new SpareMemory();
    spare.keep(array, MemorySnapshot.zero(2));

    SnapshotMemory smaller = new SnapshotMemory(new MemoryLimits(1), budget, spare);
    SnapshotMemory first = new SnapshotMemory(new MemoryLimits(2), budget, spare);
    SnapshotMemory second = new SnapshotMemory(new MemoryLimits(2), budget, spare);

    assertEquals(1, smaller.pages());
    assertSame(array, first.zeroed(true));
    assertNotSame(array, second.zeroed(true));
    assertEquals(7L * Memory.PAGE_SIZE, budget.reservedBytes());
  }

  @Test
  void aSnapshotIsSharedByMemoriesThatBecomeTheSame() {
    MemoryBudget budget = new MemoryBudget(8L * Memory.PAGE_SIZE);
    SpareMemory spare = new SpareMemory();
    SnapshotMemory first = initialized(budget, spare, 42);
    MemorySnapshot snapshot = first.snapshot();
    first.leaveTo(spare, true);

    assertSame(snapshot, initialized(budget, spare, 42).snapshot());
    SnapshotMemory other = initialized(budget, spare, 43);
    assertNotSame(snapshot, other.snapshot());
    other.writeLong(4092, 44);
    other.reset();
    assertEquals(43, other.readLong(4092));
  }

  private static SnapshotMemory initialized(MemoryBudget budget, SpareMemory spare, long value) {
    SnapshotMemory memory = new SnapshotMemory(new MemoryLimits(1), budget, spare);
    memory.writeLong(4092, value);
    return memory;
  }

  @Test
  void aMemoryThatGrowsIntoASpareArrayKeepsItsContent() {
    SpareMemory spare = new SpareMemory();
    spare.keep(new byte[2 * Memory.PAGE_SIZE], MemorySnapshot.zero(2));
    SnapshotMemory memory =
        new SnapshotMemory(new MemoryLimits(1, 2), new MemoryBudget(2L * Memory.PAGE_SIZE), spare);
    memory.writeLong(8, 42);

    assertEquals(1, memory.grow(1));

    assertEquals(42, memory.readLong(8));
    assertNull(spare.take(2 * Memory.PAGE_SIZE));
  }
}
