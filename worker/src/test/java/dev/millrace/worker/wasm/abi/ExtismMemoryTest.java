package dev.millrace.worker.wasm.abi;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.worker.wasm.memory.MemoryBudget;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Blocks of the memory that a plugin and its host share. */
class ExtismMemoryTest {

  private static final int PAGE = 1 << 16;

  private final MemoryBudget budget = new MemoryBudget(16 * PAGE);
  private final ExtismMemory memory = new ExtismMemory(budget);

  @Test
  void aBlockHasItsLengthUntilItIsFreed() {
    long block = memory.alloc(10);

    assertNotEquals(0, block);
    assertEquals(10, memory.length(block));
    assertEquals(0, memory.length(block + 1));
    assertTrue(memory.free(block));
    assertEquals(0, memory.length(block));
    assertFalse(memory.free(block));
  }

  @Test
  void noBytesAreNoBlock() {
    assertEquals(0, memory.alloc(0));
    assertEquals(0, memory.store(new byte[0]));
    assertFalse(memory.free(0));
    assertEquals(0, memory.length(0));
  }

  @Test
  void moreThanTheBudgetIsRefusedAndRemembered() {
    assertEquals(0, memory.alloc(17 * PAGE));
    assertTrue(budget.exceeded());
    budget.clearExceeded();
    assertEquals(0, memory.alloc(-1));
    assertTrue(budget.exceeded());
    budget.clearExceeded();
    assertEquals(0, memory.alloc(Long.MAX_VALUE));
    assertTrue(budget.exceeded());
    assertEquals(0, budget.reservedBytes());
  }

  @Test
  void aFreedBlockIsUsedAgainWhenNoRoomIsLeft() {
    long first = memory.alloc(12 * PAGE);
    memory.free(first);

    long second = memory.alloc(11 * PAGE);

    assertTrue(second > first && second < first + 12 * PAGE, "divided from the end of the first");
    assertEquals(11 * PAGE, memory.length(second));
    long rest = memory.alloc(PAGE / 2);
    assertNotEquals(0, rest);
  }

  @Test
  void whatLiesOutsideIsZeroAndStaysSo() {
    long block = memory.alloc(8);
    for (long offset : new long[] {-1, 0, 71, PAGE, PAGE - 7, Long.MAX_VALUE, Long.MIN_VALUE}) {
      memory.storeLong(offset, -1);
      assertEquals(0, memory.loadLong(offset));
    }
    memory.storeByte(PAGE, 1);
    assertEquals(0, memory.loadByte(PAGE));
    memory.storeLong(block, 0x0102030405060708L);
    assertEquals(0x08, memory.loadByte(block));
    assertEquals(0x0102030405060708L, memory.loadLong(block));
  }

  @Test
  void aResetForgetsBytesBlocksAndPages() {
    long block = memory.alloc(10 * PAGE);
    memory.storeLong(block, -1);
    assertTrue(memory.size() > 10 * PAGE);

    memory.reset();

    assertEquals(0, memory.length(block));
    assertEquals(0, memory.loadLong(block));
    assertEquals(PAGE, budget.reservedBytes());
    assertEquals(PAGE - 72, memory.size());
  }

  @Test
  void randomUseNeverLetsTwoBlocksOverlap() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    Map<Long, byte[]> live = new HashMap<>();
    for (int i = 0; i < 20_000; i++) {
      if (random.nextInt(3) > 0) {
        byte[] data = new byte[1 + random.nextInt(3000)];
        random.nextBytes(data);
        long block = memory.store(data);
        if (block != 0) {
          live.put(block, data);
        }
      } else if (!live.isEmpty()) {
        long block = live.keySet().iterator().next();
        live.remove(block);
        assertTrue(memory.free(block));
      }
      if (i % 1000 == 0) {
        live.forEach(
            (block, data) -> assertArrayEquals(data, memory.read(block), () -> "seed " + seed));
      }
    }
    assertTrue(budget.reservedBytes() <= budget.maxBytes());
  }
}
