package dev.millrace.worker.wasm.wasi;

import dev.millrace.worker.wasm.deadline.Interruption;
import dev.millrace.worker.wasm.files.FileRefusal;
import dev.millrace.worker.wasm.host.GuestMemory;

/** The lists of buffers that WASI functions read into and write from. */
final class Vectors {

  /** The size of one entry: a pointer and a length. */
  static final int BYTES = 8;

  private Vectors() {}

  /** Takes what a guest writes, one buffer at a time. */
  @FunctionalInterface
  interface Sink {
    /** Takes a buffer's bytes, or the first of them; returns how many. */
    int take(int pointer, int length) throws FileRefusal;
  }

  /**
   * Copies a part of an array into the buffers.
   *
   * @return how many bytes there was place for
   */
  static int fill(GuestMemory memory, int vectors, int count, byte[] source, int from, int to) {
    int next = from;
    for (int i = 0; i < count; i++) {
      Interruption.check();
      int pointer = memory.readInt(vectors + i * BYTES);
      int capacity = memory.readInt(vectors + i * BYTES + Integer.BYTES);
      memory.check(pointer, capacity);
      int length = Math.min(to - next, capacity);
      memory.write(pointer, source, next, length);
      next += length;
    }
    return next - from;
  }

  /**
   * Hands the buffers on until one is not taken as a whole.
   *
   * @return how many bytes were taken
   */
  static int drain(GuestMemory memory, int vectors, int count, Sink sink) throws FileRefusal {
    int total = 0;
    for (int i = 0; i < count; i++) {
      Interruption.check();
      int pointer = memory.readInt(vectors + i * BYTES);
      int length = memory.readInt(vectors + i * BYTES + Integer.BYTES);
      memory.check(pointer, length);
      if (length > Integer.MAX_VALUE - total) {
        break; // a short write; what it returns is a signed number
      }
      int taken = sink.take(pointer, length);
      total += taken;
      if (taken < length) {
        break;
      }
    }
    return total;
  }
}
