package dev.millrace.worker.wasm.memory;

import com.dylibso.chicory.runtime.ChicoryInterruptedException;
import com.dylibso.chicory.runtime.ConstantEvaluators;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.runtime.WasmRuntimeException;
import com.dylibso.chicory.wasm.UninstantiableException;
import com.dylibso.chicory.wasm.types.ActiveDataSegment;
import com.dylibso.chicory.wasm.types.DataSegment;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import com.dylibso.chicory.wasm.types.PassiveDataSegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Linear memory that can be put back to a snapshot at the cost of what was written since.
 *
 * <p>The memory is one flat array, whose own bounds check is the guest's bounds check. It is
 * divided into cards of 4 KiB; a store marks the card of its address. A store of up to 8 bytes may
 * reach 7 bytes into the next card without marking it, so that {@link #reset()} restores 7 bytes
 * past each dirty card.
 *
 * <p>Invariant: every byte that differs from the snapshot lies in a dirty card or in the 7 bytes
 * past one.
 *
 * <p>Confined to the thread that holds the instance's slot; atomic operations are therefore plain
 * ones, and a wait can only time out.
 */
public final class SnapshotMemory implements Memory {

  private static final int CARD_SHIFT = MemorySnapshot.CARD_SHIFT;
  private static final int STORE_OVERHANG = Long.BYTES - 1;

  private static final VarHandle SHORTS = view(short[].class);
  private static final VarHandle INTS = view(int[].class);
  private static final VarHandle LONGS = view(long[].class);
  private static final VarHandle FLOATS = view(float[].class);
  private static final VarHandle DOUBLES = view(double[].class);

  private final MemoryLimits limits;
  private final MemoryBudget budget;

  /** Arrays that may be used instead of new ones. */
  private final SpareMemory spare;

  private MemorySnapshot snapshot;

  /** The array of the snapshot's size, kept while a grown one is in use: a reset returns to it. */
  private byte[] base;

  private byte[] bytes;

  /** One byte a card of {@link #bytes}, not 0 if dirty; 16 cards a page. */
  private byte[] cards;

  private DataSegment @Nullable [] segments;

  /**
   * A memory of zeros, and a snapshot of it.
   *
   * @throws UninstantiableException if the initial pages exceed the budget or the heap
   */
  public SnapshotMemory(MemoryLimits limits, MemoryBudget budget) {
    this(limits, budget, new SpareMemory());
  }

  /** The same; takes its arrays from the spare ones where it can. */
  public SnapshotMemory(MemoryLimits limits, MemoryBudget budget, SpareMemory spare) {
    this.limits = limits;
    this.budget = budget;
    this.spare = spare;
    int pages = limits.initialPages();
    byte[] initial = pages > RUNTIME_MAX_PAGES ? null : allocate(new byte[0], pages);
    if (initial == null) {
      throw new UninstantiableException(
          "the module asks for an initial memory of "
              + (long) pages * PAGE_SIZE
              + " bytes, but "
              + (budget.maxBytes() - budget.reservedBytes())
              + " bytes are left of limits.memory "
              + budget.maxBytes());
    }
    this.bytes = initial;
    this.base = initial;
    this.cards = cardsFor(initial);
    this.snapshot = MemorySnapshot.zero(pages);
  }

  /**
   * Makes the present content and page count what {@link #reset()} returns to. Other memories of
   * the same module may {@link #adopt} the result.
   */
  public MemorySnapshot snapshot() {
    IntPredicate touched = snapshot.isZero() ? this::touched : card -> true;
    MemorySnapshot earlier = spare.snapshotOf(bytes, touched);
    snapshot = earlier == null ? MemorySnapshot.of(bytes, touched) : earlier;
    base = bytes;
    Arrays.fill(cards, (byte) 0);
    return snapshot;
  }

  /** Takes over content and page count, and makes them what {@link #reset()} returns to. */
  void adopt(MemorySnapshot other) {
    reset();
    int pages = other.pages();
    if (pages != pages()) {
      budget.release(bytes.length);
      byte[] resized = pages > maximumPages() ? null : allocate(new byte[0], pages);
      if (resized == null) {
        budget.reserve(bytes.length);
        throw new IllegalStateException(
            "a snapshot of " + pages + " pages does not fit this memory's limits");
      }
      bytes = resized;
      base = resized;
      cards = cardsFor(resized);
    }
    other.restore(bytes, 0, bytes.length);
    snapshot = other;
  }

  /** Returns to the snapshot, giving back to the budget what has grown since. */
  public void reset() {
    restoreDirtyCards(base);
    if (hasGrown()) {
      budget.release(bytes.length - base.length);
      bytes = base;
      cards = cardsFor(base);
    }
  }

  /**
   * Ends this memory: answers the array of the snapshot's size, all zeros.
   *
   * @param cardsAreRight whether the invariant holds; if not, nothing is believed
   */
  byte[] zeroed(boolean cardsAreRight) {
    byte[] ended = base;
    if (!cardsAreRight) {
      Arrays.fill(ended, (byte) 0);
      return ended;
    }
    for (int card = 0; card < ended.length >>> CARD_SHIFT; card++) {
      if (touched(card) || !snapshot.isZero(card)) {
        int from = card << CARD_SHIFT;
        Arrays.fill(ended, from, from + MemorySnapshot.CARD_BYTES, (byte) 0);
      }
    }
    return ended;
  }

  /** Ends this memory as {@link #zeroed} does; array and snapshot go to the spare ones. */
  public void leaveTo(SpareMemory next, boolean cardsAreRight) {
    next.keep(zeroed(cardsAreRight), snapshot);
  }

  /** Whether a card may differ from the snapshot. */
  private boolean touched(int card) {
    return cards[card] != 0 || (card > 0 && cards[card - 1] != 0);
  }

  /** How many cards a reset would restore. */
  int dirtyCards() {
    int count = 0;
    for (int card = nextDirty(0); card < cards.length; card = nextDirty(card + 1)) {
      count++;
    }
    return count;
  }

  private boolean hasGrown() {
    return bytes.length > base.length;
  }

  private void restoreDirtyCards(byte[] target) {
    int count = target.length >>> CARD_SHIFT;
    for (int from = nextDirty(0); from < count; ) {
      int to = from + 1;
      while (to < count && cards[to] != 0) {
        to++;
      }
      int end = Math.min((to << CARD_SHIFT) + STORE_OVERHANG, target.length);
      snapshot.restore(target, from << CARD_SHIFT, end);
      Arrays.fill(cards, from, to, (byte) 0);
      from = nextDirty(to);
    }
  }

  /** The first dirty card at or after {@code from}, looking at eight at a time. */
  private int nextDirty(int from) {
    int card = from;
    while (card < cards.length) {
      if ((card & 7) == 0 && (long) LONGS.get(cards, card) == 0) {
        card += 8;
      } else if (cards[card] == 0) {
        card++;
      } else {
        return card;
      }
    }
    return cards.length;
  }

  private void mark(int addr) {
    cards[addr >>> CARD_SHIFT] = 1;
  }

  private void mark(int addr, int size) {
    if (size > 0) {
      Arrays.fill(cards, addr >>> CARD_SHIFT, ((addr + size - 1) >>> CARD_SHIFT) + 1, (byte) 1);
    }
  }

  // --- size

  @Override
  public int pages() {
    return bytes.length / PAGE_SIZE;
  }

  @Override
  public int initialPages() {
    return limits.initialPages();
  }

  @Override
  public int maximumPages() {
    return Math.min(limits.maximumPages(), RUNTIME_MAX_PAGES);
  }

  @Override
  public boolean shared() {
    return limits.shared();
  }

  /**
   * Adds {@code size} pages, an unsigned number; -1 if the module, the budget or the heap refuse.
   */
  @Override
  public int grow(int size) {
    int pages = pages();
    if (size < 0 || size > maximumPages() - pages) {
      return -1;
    }
    if (size > 0) {
      byte[] grown = allocate(bytes, pages + size);
      if (grown == null) {
        return -1;
      }
      bytes = grown;
      cards = Arrays.copyOf(cards, grown.length >>> CARD_SHIFT);
    }
    return pages;
  }

  /** A longer copy, reserved; null if the budget or the heap has no room for it. */
  private byte @Nullable [] allocate(byte[] old, int pages) {
    int length = pages * PAGE_SIZE;
    int added = length - old.length;
    if (!budget.reserve(added)) {
      return null;
    }
    byte[] present = spare.take(length);
    if (present != null) {
      System.arraycopy(old, 0, present, 0, old.length);
      return present;
    }
    try {
      return Arrays.copyOf(old, length);
    } catch (OutOfMemoryError e) {
      // Nothing was allocated, and to the guest a full heap is one more limit.
      budget.release(added);
      return null;
    }
  }

  // --- data segments

  @Override
  public void initialize(Instance instance, DataSegment[] dataSegments) {
    initialize(instance, dataSegments, 0);
  }

  @Override
  public void initialize(
      Instance instance, DataSegment @Nullable [] dataSegments, int memoryIndex) {
    // Not copied: the instance drops segments in this very array.
    segments = dataSegments;
    if (dataSegments == null) {
      return;
    }
    for (DataSegment segment : dataSegments) {
      if (segment instanceof ActiveDataSegment active && active.index() == memoryIndex) {
        int offset =
            (int) ConstantEvaluators.computeConstantValue(instance, active.offsetInstructions())[0];
        byte[] data = active.data();
        if (isOutOfBounds(offset, data.length, bytes.length)) {
          throw new UninstantiableException(outOfBoundsMessage(offset, data.length, bytes.length));
        }
        write(offset, data, 0, data.length);
      }
    }
  }

  @Override
  public void initPassiveSegment(int segmentId, int dest, int offset, int size) {
    if (segments == null) {
      throw new IllegalStateException("memory.init before the instance was initialized");
    }
    // An active segment counts as dropped once the instance is initialized.
    DataSegment segment = segments[segmentId];
    write(dest, segment instanceof ActiveDataSegment ? new byte[0] : segment.data(), offset, size);
  }

  @Override
  public void drop(int segment) {
    if (segments != null) {
      segments[segment] = PassiveDataSegment.EMPTY;
    }
  }

  // --- ranges

  @Override
  public void write(int addr, byte[] data, int offset, int size) {
    checkBounds(offset, size, data.length);
    checkBounds(addr, size, bytes.length);
    System.arraycopy(data, offset, bytes, addr, size);
    mark(addr, size);
  }

  @Override
  public byte[] readBytes(int addr, int len) {
    checkBounds(addr, len, bytes.length);
    return Arrays.copyOfRange(bytes, addr, addr + len);
  }

  @Override
  public void fill(byte value, int fromIndex, int toIndex) {
    int size = toIndex - fromIndex;
    checkBounds(fromIndex, size, bytes.length);
    Arrays.fill(bytes, fromIndex, toIndex, value);
    mark(fromIndex, size);
  }

  @Override
  public void copy(int dest, int src, int size) {
    checkBounds(dest, size, bytes.length);
    checkBounds(src, size, bytes.length);
    System.arraycopy(bytes, src, bytes, dest, size);
    mark(dest, size);
  }

  /** Chicory calls this before the data segments: in a new memory there is nothing to do. */
  @Override
  public void zero() {
    if (snapshot.isZero() && !hasGrown()) {
      restoreDirtyCards(bytes);
    } else {
      fill((byte) 0, 0, bytes.length);
    }
  }

  // --- loads and stores

  @Override
  public byte read(int addr) {
    try {
      return bytes[addr];
    } catch (IndexOutOfBoundsException e) {
      throw outOfBounds(addr, Byte.BYTES);
    }
  }

  @Override
  public short readShort(int addr) {
    try {
      return (short) SHORTS.get(bytes, addr);
    } catch (IndexOutOfBoundsException e) {
      throw outOfBounds(addr, Short.BYTES);
    }
  }

  @Override
  public long readU16(int addr) {
    return Short.toUnsignedLong(readShort(addr));
  }

  @Override
  public int readInt(int addr) {
    try {
      return (int) INTS.get(bytes, addr);
    } catch (IndexOutOfBoundsException e) {
      throw outOfBounds(addr, Integer.BYTES);
    }
  }

  @Override
  public long readLong(int addr) {
    try {
      return (long) LONGS.get(bytes, addr);
    } catch (IndexOutOfBoundsException e) {
      throw outOfBounds(addr, Long.BYTES);
    }
  }

  @Override
  public float readFloat(int addr) {
    try {
      return (float) FLOATS.get(bytes, addr);
    } catch (IndexOutOfBoundsException e) {
      throw outOfBounds(addr, Float.BYTES);
    }
  }

  @Override
  public double readDouble(int addr) {
    try {
      return (double) DOUBLES.get(bytes, addr);
    } catch (IndexOutOfBoundsException e) {
      throw outOfBounds(addr, Double.BYTES);
    }
  }

  /** The bits of the float, as Chicory keeps values. */
  @Override
  public long readF32(int addr) {
    return readInt(addr);
  }

  /** The bits of the double, as Chicory keeps values. */
  @Override
  public long readF64(int addr) {
    return readLong(addr);
  }

  @Override
  public void writeByte(int addr, byte data) {
    try {
      bytes[addr] = data;
      mark(addr);
    } catch (IndexOutOfBoundsException e) {
      throw outOfBounds(addr, Byte.BYTES);
    }
  }

  @Override
  public void writeShort(int addr, short data) {
    try {
      SHORTS.set(bytes, addr, data);
      mark(addr);
    } catch (IndexOutOfBoundsException e) {
      throw outOfBounds(addr, Short.BYTES);
    }
  }

  @Override
  public void writeI32(int addr, int data) {
    try {
      INTS.set(bytes, addr, data);
      mark(addr);
    } catch (IndexOutOfBoundsException e) {
      throw outOfBounds(addr, Integer.BYTES);
    }
  }

  @Override
  public void writeLong(int addr, long data) {
    try {
      LONGS.set(bytes, addr, data);
      mark(addr);
    } catch (IndexOutOfBoundsException e) {
      throw outOfBounds(addr, Long.BYTES);
    }
  }

  @Override
  public void writeF32(int addr, float data) {
    try {
      FLOATS.set(bytes, addr, data);
      mark(addr);
    } catch (IndexOutOfBoundsException e) {
      throw outOfBounds(addr, Float.BYTES);
    }
  }

  @Override
  public void writeF64(int addr, double data) {
    try {
      DOUBLES.set(bytes, addr, data);
      mark(addr);
    } catch (IndexOutOfBoundsException e) {
      throw outOfBounds(addr, Double.BYTES);
    }
  }

  // --- threads: there is only one

  /** The monitor of Chicory's default atomic operations, which call the plain loads and stores. */
  @Override
  @SuppressWarnings("removal")
  public Object lock(int address) {
    return this;
  }

  @Override
  @SuppressWarnings("removal")
  public int waitOn(int address, int expected, long timeout) {
    return await(readInt(address) == expected, timeout);
  }

  @Override
  @SuppressWarnings("removal")
  public int waitOn(int address, long expected, long timeout) {
    return await(readLong(address) == expected, timeout);
  }

  @Override
  @SuppressWarnings("removal")
  public int notify(int address, int maxThreads) {
    checkBounds(address, Integer.BYTES, bytes.length);
    return 0;
  }

  /** 1 if the value was another one; 2 after the timeout, in nanoseconds, negative for none. */
  private int await(boolean equal, long timeout) {
    if (!shared()) {
      throw new WasmRuntimeException("expected shared memory: atomic wait on a memory of its own");
    }
    if (!equal) {
      return 1;
    }
    try {
      TimeUnit.NANOSECONDS.sleep(timeout < 0 ? Long.MAX_VALUE : timeout);
      return 2;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ChicoryInterruptedException("Thread interrupted");
    }
  }

  // --- bounds

  private void checkBounds(int addr, int size, int limit) {
    if (isOutOfBounds(addr, size, limit)) {
      throw new WasmRuntimeException(outOfBoundsMessage(addr, size, limit));
    }
  }

  /** Addresses and sizes are unsigned: a negative one lies beyond any array. */
  private static boolean isOutOfBounds(int addr, int size, int limit) {
    return addr < 0 || size < 0 || addr > limit - size;
  }

  private WasmRuntimeException outOfBounds(int addr, int size) {
    return new WasmRuntimeException(outOfBoundsMessage(addr, size, bytes.length));
  }

  private static String outOfBoundsMessage(int addr, int size, int limit) {
    return "out of bounds memory access: "
        + Integer.toUnsignedString(size)
        + " bytes at address "
        + Integer.toUnsignedString(addr)
        + " of "
        + limit;
  }

  private static byte[] cardsFor(byte[] bytes) {
    return new byte[bytes.length >>> CARD_SHIFT];
  }

  private static VarHandle view(Class<?> arrayType) {
    return MethodHandles.byteArrayViewVarHandle(arrayType, ByteOrder.LITTLE_ENDIAN);
  }
}
