package dev.millrace.worker.wasm.abi;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The variables of an Extism plugin, at most 1 MiB of them, each counted with 48 bytes beside its
 * name and value, as Extism counts.
 *
 * <p>Confined to the thread that holds the slot.
 */
final class ExtismVariables {

  private static final long MOST_BYTES = 1 << 20;
  private static final int OVERHEAD_BYTES = 48;

  private Map<String, byte[]> values = new HashMap<>();
  private Map<String, byte[]> initial = Map.of();

  /** What is set now is what {@link #reset} returns to. */
  void initialized() {
    initial = Map.copyOf(values);
  }

  void reset() {
    if (!values.isEmpty() || !initial.isEmpty()) {
      values = new HashMap<>(initial);
    }
  }

  byte @Nullable [] get(String name) {
    return values.get(name);
  }

  /** Sets a variable, or answers false if there is no room for it. */
  boolean set(String name, byte[] value) {
    long size = size(name, value);
    for (Map.Entry<String, byte[]> entry : values.entrySet()) {
      size += size(entry.getKey(), entry.getValue());
    }
    if (size > MOST_BYTES) {
      return false;
    }
    values.put(name, value);
    return true;
  }

  void remove(String name) {
    values.remove(name);
  }

  private static long size(String name, byte[] value) {
    return (long) OVERHEAD_BYTES + name.length() + value.length;
  }
}
