package dev.millrace.worker.wasm.memory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.dylibso.chicory.runtime.ChicoryInterruptedException;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.runtime.WasmRuntimeException;
import com.dylibso.chicory.wasm.UninstantiableException;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class SnapshotMemoryTest {

  private static final int PAGE = Memory.PAGE_SIZE;
  private static final int CARD = 4096;

  private final MemoryBudget budget = new MemoryBudget(16L * PAGE);

  @Test
  void resetRestoresOnlyWhatWasWritten() {
    SnapshotMemory memory = memory(2);
    memory.fill((byte) 7, 0, 2 * PAGE);
    memory.snapshot();

    memory.writeByte(10, (byte) 1);
    memory.writeLong(5 * CARD, -1);
    memory.fill((byte) 9, 8 * CARD, 10 * CARD);

    assertEquals(4, memory.dirtyCards());
    memory.reset();
    assertEquals(0, memory.dirtyCards());
    assertArrayEquals(filled(2 * PAGE, 7), memory.readBytes(0, 2 * PAGE));
  }

  @Test
  void aSnapshotStoresNoCardOfZeros() {
    SnapshotMemory memory = memory(2);
    memory.writeByte(CARD + 1, (byte) 1);
    memory.writeByte(6 * CARD - 1, (byte) 2);

    MemorySnapshot snapshot = memory.snapshot();

    assertEquals(2 * CARD, snapshot.storedBytes());
    byte[] restored = filled(2 * PAGE, 7);
    snapshot.restore(restored, 0, 2 * PAGE);
    assertArrayEquals(memory.readBytes(0, 2 * PAGE), restored);
  }

  @Test
  void restoresBothSidesOfAStoreAcrossACardBoundary() {
    SnapshotMemory memory = memory(1);
    memory.fill((byte) 7, 0, PAGE);
    memory.snapshot();

    for (int addr = CARD - 7; addr <= CARD; addr++) {
      memory.writeLong(addr, -1);
      memory.reset();
      assertArrayEquals(filled(PAGE, 7), memory.readBytes(0, PAGE), "store at " + addr);
    }
  }

  @Test
  void restoresTheLastBytesOfTheMemory() {
    SnapshotMemory memory = memory(1);
    memory.snapshot();

    memory.writeLong(PAGE - 8, -1);
    memory.reset();

    assertArrayEquals(new byte[PAGE], memory.readBytes(0, PAGE));
  }

  @Test
  void givesBackGrownPagesOnReset() {
    SnapshotMemory memory = memory(1);
    memory.writeByte(0, (byte) 1);
    memory.snapshot();

    assertEquals(1, memory.grow(3));
    memory.writeLong(PAGE - 4, -1);
    memory.fill((byte) 5, 2 * PAGE, 4 * PAGE);
    assertEquals(4L * PAGE, budget.reservedBytes());
    memory.reset();

    assertEquals(1, memory.pages());
    assertEquals(PAGE, budget.reservedBytes());
    assertThrows(WasmRuntimeException.class, () -> memory.read(PAGE));
    assertEquals(0, memory.readInt(PAGE - 4));
    memory.grow(3);
    assertArrayEquals(new byte[3 * PAGE], memory.readBytes(PAGE, 3 * PAGE));
  }

  @Test
  void keepsWhatWasWrittenBeforeAndAfterGrowing() {
    SnapshotMemory memory = memory(1);
    memory.snapshot();

    memory.writeI32(8, 1);
    memory.grow(1);
    memory.writeI32(12, 2);
    assertEquals(0x2_0000_0001L, memory.readLong(8));
    memory.reset();

    assertEquals(0, memory.readLong(8));
  }

  @Test
  void aSnapshotTakenAfterGrowingKeepsTheGrownPages() {
    SnapshotMemory memory = memory(1);
    memory.grow(1);
    memory.writeI32(PAGE + 4, 42);
    memory.snapshot();

    memory.writeI32(PAGE + 4, 43);
    memory.grow(1);
    memory.reset();

    assertEquals(2, memory.pages());
    assertEquals(42, memory.readInt(PAGE + 4));
  }

  @Test
  void anAdoptedSnapshotReplacesContentAndSize() {
    SnapshotMemory first = memory(1);
    first.grow(1);
    first.writeI32(PAGE, 42);
    MemorySnapshot snapshot = first.snapshot();
    SnapshotMemory second = memory(1);
    second.writeI32(0, 99);

    second.adopt(snapshot);

    assertEquals(2, second.pages());
    assertEquals(0, second.readInt(0));
    assertEquals(42, second.readInt(PAGE));
    assertEquals(0, second.dirtyCards());
    second.writeI32(PAGE, 1);
    second.reset();
    assertEquals(42, second.readInt(PAGE));
    assertEquals(42, first.readInt(PAGE), "memories share a snapshot, not content");
  }

  @Test
  void refusesASnapshotBeyondTheBudgetAndStaysUsable() {
    MemorySnapshot large = memory(8).snapshot();
    MemoryBudget small = new MemoryBudget(2L * PAGE);
    SnapshotMemory memory = new SnapshotMemory(new MemoryLimits(1), small);

    assertThrows(IllegalStateException.class, () -> memory.adopt(large));

    assertEquals(1, memory.pages());
    assertEquals(PAGE, small.reservedBytes());
  }

  @Test
  void allMemoriesOfAnInstanceShareTheBudget() {
    SnapshotMemory first = memory(8);
    SnapshotMemory second = memory(8);

    assertFalse(budget.exceeded());
    assertEquals(-1, first.grow(1));
    assertTrue(budget.exceeded());
    budget.clearExceeded();
    assertEquals(8, second.pages());
    assertFalse(budget.exceeded());
  }

  @Test
  void refusesAnInitialMemoryBeyondTheBudget() {
    UninstantiableException refused = assertThrows(UninstantiableException.class, () -> memory(17));

    assertEquals(
        "the module asks for an initial memory of 1114112 bytes, but 1048576 bytes are left of"
            + " limits.memory 1048576",
        refused.getMessage());
    assertTrue(budget.exceeded());
    assertEquals(0, budget.reservedBytes());
  }

  @Test
  void refusesAnInitialMemoryThatNoArrayCanHold() {
    MemoryBudget unlimited = new MemoryBudget(Long.MAX_VALUE);
    MemoryLimits limits = new MemoryLimits(MemoryLimits.MAX_PAGES);

    assertThrows(UninstantiableException.class, () -> new SnapshotMemory(limits, unlimited));
  }

  @Test
  void refusesToGrowBeyondTheModulesOwnMaximumWithoutBlamingTheBudget() {
    SnapshotMemory memory = new SnapshotMemory(new MemoryLimits(1, 2), budget);

    assertEquals(-1, memory.grow(2));
    assertEquals(-1, memory.grow(-1), "4294967295 pages");
    assertEquals(1, memory.grow(1));
    assertEquals(2, memory.grow(0));
    assertFalse(budget.exceeded());
  }

  @Test
  void refusesToGrowBeyondTheHeap() {
    long heap = Runtime.getRuntime().maxMemory();
    assumeTrue(heap < 1L << 31, "the heap has room for the largest memory there is");
    MemoryBudget unlimited = new MemoryBudget(Long.MAX_VALUE);
    SnapshotMemory memory = new SnapshotMemory(new MemoryLimits(1), unlimited);

    assertEquals(-1, memory.grow((int) (heap / PAGE)));

    assertEquals(PAGE, unlimited.reservedBytes());
    assertEquals(1, memory.pages());
  }

  @Test
  void anEmptyMemoryRefusesEveryAccessButThatOfNothing() {
    SnapshotMemory memory = memory(0);

    memory.fill((byte) 1, 0, 0);
    memory.write(0, new byte[0]);
    memory.copy(0, 0, 0);
    assertEquals(0, memory.readBytes(0, 0).length);
    assertThrows(WasmRuntimeException.class, () -> memory.read(0));
    assertThrows(WasmRuntimeException.class, () -> memory.writeByte(0, (byte) 1));
    memory.snapshot();
    memory.grow(1);
    memory.writeByte(0, (byte) 1);
    memory.reset();
    assertEquals(0, memory.pages());
  }

  @Test
  void saysWhatWasOutOfBounds() {
    SnapshotMemory memory = memory(1);

    WasmRuntimeException outOfBounds =
        assertThrows(WasmRuntimeException.class, () -> memory.writeI32(-2, 1));

    assertEquals(
        "out of bounds memory access: 4 bytes at address 4294967294 of 65536",
        outOfBounds.getMessage());
  }

  @Test
  void aWaitEndsByItsTimeoutOrAnInterrupt() {
    MemoryLimits limits = new MemoryLimits(1, 1, true);
    SnapshotMemory memory = new SnapshotMemory(limits, budget);

    assertEquals(1, memory.atomicWait(0, 5, -1L));
    assertEquals(2, memory.atomicWait(0, 0, 1L));
    assertEquals(2, memory.atomicWait(0, 0L, 1L));
    assertEquals(0, memory.atomicNotify(0, 1));
    Thread.currentThread().interrupt();
    assertThrows(ChicoryInterruptedException.class, () -> memory.atomicWait(0, 0, -1L));
    assertTrue(Thread.interrupted());
  }

  @Test
  void aWaitOnAMemoryThatIsNotSharedTraps() {
    SnapshotMemory memory = memory(1);

    assertThrows(WasmRuntimeException.class, () -> memory.atomicWait(0, 0, -1L));
  }

  @Test
  void anEndedMemoryLeavesNothingButZeros() {
    for (boolean cardsAreRight : new boolean[] {true, false}) {
      SnapshotMemory memory = memory(2);
      memory.fill((byte) 7, CARD, 3 * CARD);
      memory.snapshot();
      memory.writeLong(PAGE - 4, -1);
      memory.fill((byte) 9, 20 * CARD, 21 * CARD);
      memory.grow(1);
      memory.writeLong(2 * PAGE - 4, -1);

      assertArrayEquals(new byte[2 * PAGE], memory.zeroed(cardsAreRight));
      budget.release(3L * PAGE);
    }
  }

  @Test
  void aSnapshotOfANewMemoryHasWhatWasWrittenAcrossCards() {
    SnapshotMemory memory = memory(1);
    memory.writeLong(CARD - 4, -1);
    memory.grow(1);
    memory.writeLong(PAGE - 4, -1);
    memory.snapshot();
    byte[] content = memory.readBytes(0, 2 * PAGE);

    memory.fill((byte) 7, 0, 2 * PAGE);
    memory.reset();

    assertArrayEquals(content, memory.readBytes(0, 2 * PAGE));
    assertEquals(-1, memory.readLong(CARD - 4));
    assertEquals(-1, memory.readLong(PAGE - 4));
  }

  @Test
  void refusesToReleaseMoreThanWasReserved() {
    budget.reserve(10);

    assertThrows(IllegalArgumentException.class, () -> budget.release(11));
  }

  private SnapshotMemory memory(int pages) {
    return new SnapshotMemory(new MemoryLimits(pages), budget);
  }

  private static byte[] filled(int size, int value) {
    byte[] bytes = new byte[size];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }
}
