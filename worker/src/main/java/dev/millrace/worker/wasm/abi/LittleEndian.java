package dev.millrace.worker.wasm.abi;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Numbers in arrays of bytes, as WebAssembly stores them. */
final class LittleEndian {

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private LittleEndian() {}

  static long readLong(byte[] bytes, int at) {
    return (long) LONGS.get(bytes, at);
  }

  static void writeLong(byte[] bytes, int at, long value) {
    LONGS.set(bytes, at, value);
  }
}
