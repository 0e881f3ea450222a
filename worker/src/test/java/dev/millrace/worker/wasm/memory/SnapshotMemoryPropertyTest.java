package dev.millrace.worker.wasm.memory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.fail;

import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.runtime.WasmRuntimeException;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import com.dylibso.chicory.wasm.types.PassiveDataSegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Random programs on a {@link SnapshotMemory} and on a plain array, which must agree always. */
class SnapshotMemoryPropertyTest {

  private static final int PAGE = Memory.PAGE_SIZE;
  private static final int CARD = 4096;
  private static final int MAX_PAGES = 6;
  private static final int HISTORIES = 100;
  private static final int STEPS = 300;

  @Test
  void agreesWithAPlainArray() {
    long seed = Long.getLong("millrace.seed", System.nanoTime());
    for (int history = 0; history < HISTORIES; history++) {
      long historySeed = seed + history;
      try {
        new History(new Random(historySeed)).run();
      } catch (AssertionError | RuntimeException e) {
        fail("history failed; repeat it with -Dmillrace.seed=" + historySeed, e);
      }
    }
    System.out.println("SnapshotMemoryPropertyTest: millrace.seed=" + seed);
  }

  /** One random program; every step is checked, and the whole content after each reset. */
  private static final class History {

    private final Random random;
    private final MemoryBudget budget;
    private final SnapshotMemory memory;
    private final byte[] segment = new byte[3 * CARD];
    private byte[] model;
    private byte[] modelSnapshot;
    private final List<MemorySnapshot> snapshots = new ArrayList<>();
    private final List<byte[]> modelSnapshots = new ArrayList<>();

    History(Random random) {
      this.random = random;
      int pages = random.nextInt(3);
      this.budget = new MemoryBudget((long) (pages + random.nextInt(MAX_PAGES)) * PAGE);
      this.memory = new SnapshotMemory(new MemoryLimits(pages, MAX_PAGES), budget);
      this.model = new byte[pages * PAGE];
      this.modelSnapshot = model.clone();
      random.nextBytes(segment);
      memory.initialize(null, new PassiveDataSegment[] {new PassiveDataSegment(segment)}, 0);
    }

    void run() {
      for (int step = 0; step < STEPS; step++) {
        step();
      }
      checkContent();
      memory.reset();
      model = modelSnapshot.clone();
      checkContent();
      step();
      assertArrayEquals(new byte[modelSnapshot.length], memory.zeroed(true));
    }

    private void step() {
      switch (random.nextInt(24)) {
        case 0, 1, 2 -> store(1, (addr, bits) -> memory.writeByte(addr, (byte) bits));
        case 3 -> store(2, (addr, bits) -> memory.writeShort(addr, (short) bits));
        case 4 -> store(4, (addr, bits) -> memory.writeI32(addr, (int) bits));
        case 5 -> store(4, (addr, bits) -> memory.writeF32(addr, Float.intBitsToFloat((int) bits)));
        case 6, 7 -> store(8, memory::writeLong);
        case 8 -> store(8, (addr, bits) -> memory.writeF64(addr, Double.longBitsToDouble(bits)));
        case 9 -> store(8, memory::atomicWriteLong);
        case 10 -> add();
        case 11, 12 -> load();
        case 13 -> fill();
        case 14, 15 -> copy();
        case 16 -> write();
        case 17 -> init();
        case 18 -> grow();
        case 19 -> snapshot();
        case 20 -> reset();
        case 21 -> adopt();
        case 22 -> zero();
        default -> readBytes();
      }
    }

    private interface Store {
      void at(int addr, long bits);
    }

    private void store(int width, Store store) {
      int addr = address();
      // Not a NaN: a JVM may quiet one on its way through a float.
      long bits = random.nextLong() & 0x3fff_ffff_3fff_ffffL;
      if (inBounds(addr, width, model.length)) {
        store.at(addr, bits);
        for (int i = 0; i < width; i++) {
          model[addr + i] = (byte) (bits >>> (8 * i));
        }
      } else {
        assertOutOfBounds(() -> store.at(addr, bits));
      }
    }

    private void add() {
      int addr = address();
      int delta = random.nextInt();
      if (inBounds(addr, 4, model.length)) {
        int before = (int) modelLoad(addr, 4);
        assertEquals(before, memory.atomicAddInt(addr, delta));
        for (int i = 0; i < 4; i++) {
          model[addr + i] = (byte) ((before + delta) >>> (8 * i));
        }
      } else {
        assertOutOfBounds(() -> memory.atomicAddInt(addr, delta));
      }
    }

    private void load() {
      int addr = address();
      loads(addr, 1, () -> memory.read(addr) & 0xffL, () -> memory.readU8(addr));
      loads(addr, 2, () -> memory.readShort(addr) & 0xffffL, () -> memory.readU16(addr));
      loads(addr, 4, () -> memory.readInt(addr) & 0xffff_ffffL, () -> memory.readU32(addr));
      loads(
          addr,
          4,
          () -> memory.readF32(addr) & 0xffff_ffffL,
          () -> memory.atomicReadInt(addr) & 0xffff_ffffL);
      loads(addr, 8, () -> memory.readLong(addr), () -> memory.readF64(addr));
      if (inBounds(addr, 8, model.length)) {
        assertEquals(Float.intBitsToFloat((int) modelLoad(addr, 4)), memory.readFloat(addr));
        assertEquals(Double.longBitsToDouble(modelLoad(addr, 8)), memory.readDouble(addr));
      } else {
        assertOutOfBounds(() -> memory.readDouble(addr));
      }
    }

    private interface Load {
      long get();
    }

    private void loads(int addr, int width, Load... loads) {
      for (Load load : loads) {
        if (inBounds(addr, width, model.length)) {
          assertEquals(modelLoad(addr, width), load.get());
        } else {
          assertOutOfBounds(load::get);
        }
      }
    }

    private long modelLoad(int addr, int width) {
      long value = 0;
      for (int i = 0; i < width; i++) {
        value |= (model[addr + i] & 0xffL) << (8 * i);
      }
      return value;
    }

    private void fill() {
      int addr = address();
      int size = size();
      byte value = (byte) random.nextInt();
      if (inBounds(addr, size, model.length)) {
        memory.fill(value, addr, addr + size);
        Arrays.fill(model, addr, addr + size, value);
      } else {
        // As compiled code calls it: the end wraps around.
        assertOutOfBounds(() -> memory.fill(value, addr, addr + size));
      }
    }

    private void copy() {
      int dest = address();
      int src = random.nextBoolean() ? dest + random.nextInt(64) - 32 : address();
      int size = size();
      if (inBounds(dest, size, model.length) && inBounds(src, size, model.length)) {
        memory.copy(dest, src, size);
        byte[] moved = Arrays.copyOfRange(model, src, src + size);
        System.arraycopy(moved, 0, model, dest, size);
      } else {
        assertOutOfBounds(() -> memory.copy(dest, src, size));
      }
    }

    private void write() {
      int addr = address();
      byte[] data = new byte[random.nextInt(2 * CARD)];
      random.nextBytes(data);
      if (inBounds(addr, data.length, model.length)) {
        memory.write(addr, data);
        System.arraycopy(data, 0, model, addr, data.length);
      } else {
        assertOutOfBounds(() -> memory.write(addr, data));
      }
    }

    private void init() {
      int dest = address();
      int offset = random.nextInt(segment.length + 2) - 1;
      int size = size();
      if (inBounds(dest, size, model.length) && inBounds(offset, size, segment.length)) {
        memory.initPassiveSegment(0, dest, offset, size);
        System.arraycopy(segment, offset, model, dest, size);
      } else {
        assertOutOfBounds(() -> memory.initPassiveSegment(0, dest, offset, size));
      }
    }

    private void grow() {
      int added = random.nextInt(4) - 1;
      int before = model.length / PAGE;
      boolean fits =
          added >= 0
              && before + added <= MAX_PAGES
              && (long) (before + added) * PAGE <= budget.maxBytes();
      assertEquals(fits ? before : -1, memory.grow(added));
      if (fits) {
        model = Arrays.copyOf(model, (before + added) * PAGE);
      }
    }

    private void snapshot() {
      snapshots.add(memory.snapshot());
      modelSnapshot = model.clone();
      modelSnapshots.add(modelSnapshot);
      assertEquals(0, memory.dirtyCards());
    }

    /** Takes over any of the earlier snapshots, of whatever size. */
    private void adopt() {
      if (!snapshots.isEmpty()) {
        int chosen = random.nextInt(snapshots.size());
        memory.adopt(snapshots.get(chosen));
        modelSnapshot = modelSnapshots.get(chosen);
        model = modelSnapshot.clone();
        assertEquals(0, memory.dirtyCards());
        checkContent();
      }
    }

    private void zero() {
      memory.zero();
      Arrays.fill(model, (byte) 0);
    }

    private void reset() {
      memory.reset();
      model = modelSnapshot.clone();
      assertEquals(0, memory.dirtyCards());
      checkContent();
    }

    private void readBytes() {
      int addr = address();
      int size = size();
      if (inBounds(addr, size, model.length)) {
        assertArrayEquals(
            Arrays.copyOfRange(model, addr, addr + size), memory.readBytes(addr, size));
      } else {
        assertOutOfBounds(() -> memory.readBytes(addr, size));
      }
    }

    private void checkContent() {
      assertEquals(model.length / PAGE, memory.pages());
      assertEquals(model.length, budget.reservedBytes());
      assertArrayEquals(model, memory.readBytes(0, model.length));
    }

    private void assertOutOfBounds(Executable access) {
      WasmRuntimeException trap = assertThrows(WasmRuntimeException.class, access);
      assertEquals(0, trap.getMessage().indexOf("out of bounds memory access"), trap.getMessage());
    }

    /** Mostly around the boundaries of cards and of the memory; now and then anything at all. */
    private int address() {
      int near = random.nextInt(24) - 12;
      return switch (random.nextInt(8)) {
        case 0 -> near;
        case 1 -> model.length + near;
        case 2 -> Integer.MAX_VALUE - random.nextInt(16);
        case 3 -> random.nextInt();
        case 4, 5 -> random.nextInt(MAX_PAGES * PAGE / CARD) * CARD + near;
        default -> random.nextInt(model.length + 1);
      };
    }

    private int size() {
      return switch (random.nextInt(8)) {
        case 0 -> 0;
        case 1 -> random.nextInt();
        case 2 -> Integer.MAX_VALUE - random.nextInt(3);
        case 3 -> CARD + random.nextInt(3) - 1;
        case 4 -> model.length;
        default -> random.nextInt(3 * CARD);
      };
    }

    private static boolean inBounds(int addr, int size, int limit) {
      return Integer.toUnsignedLong(addr) + Integer.toUnsignedLong(size) <= limit;
    }
  }
}
