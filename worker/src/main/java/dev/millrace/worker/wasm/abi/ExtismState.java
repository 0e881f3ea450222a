package dev.millrace.worker.wasm.abi;

import dev.millrace.worker.wasm.host.Call;
import dev.millrace.worker.wasm.host.HostState;
import dev.millrace.worker.wasm.memory.MemoryBudget;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What the host keeps for an Extism plugin: the memory that they share, input, output and error in
 * it, and the plugin's variables.
 *
 * <p>Confined to the thread that holds the slot.
 */
final class ExtismState implements HostState {

  private final ExtismMemory memory;
  private final ExtismVariables variables = new ExtismVariables();
  private final ExtismHttp http = new ExtismHttp();
  private long inputOffset;
  private long inputLength;
  private long outputOffset;
  private long outputLength;
  private long error;

  ExtismState(MemoryBudget budget) {
    this.memory = new ExtismMemory(budget);
  }

  @Override
  public void initialized() {
    clear();
    variables.initialized();
  }

  @Override
  public void reset() {
    clear();
    variables.reset();
  }

  /** Empties the memory; what the plugin had allocated is gone. */
  void clear() {
    memory.reset();
    inputOffset = 0;
    inputLength = 0;
    outputOffset = 0;
    outputLength = 0;
    error = 0;
  }

  /**
   * Empties the memory and puts an event's data into it. Answers false if there is no room for it.
   */
  boolean begin(byte @Nullable [] data) {
    clear();
    http.clear();
    if (data == null || data.length == 0) {
      return true;
    }
    inputOffset = memory.store(data);
    inputLength = inputOffset == 0 ? 0 : data.length;
    return inputOffset != 0;
  }

  ExtismMemory memory() {
    return memory;
  }

  ExtismVariables variables() {
    return variables;
  }

  ExtismHttp http() {
    return http;
  }

  long inputOffset() {
    return inputOffset;
  }

  long inputLength() {
    return inputLength;
  }

  /** Makes another part of the memory the input; ignored if it is not in the memory. */
  void input(long offset, long length) {
    if (memory.contains(offset, length)) {
      inputOffset = offset;
      inputLength = length;
    }
  }

  /** Frees a block; without its block the input is empty. */
  void free(long offset) {
    if (memory.free(offset) && offset == inputOffset) {
      inputLength = 0;
    }
  }

  long outputOffset() {
    return outputOffset;
  }

  long outputLength() {
    return outputLength;
  }

  /** Makes a part of the memory the output; ignored if it is not in the memory. */
  void output(long offset, long length) {
    if (memory.contains(offset, length)) {
      outputOffset = offset;
      outputLength = length;
    }
  }

  long error() {
    return error;
  }

  /** Makes a block the error message, or none for 0. */
  void error(long offset) {
    if (offset == 0 || memory.contains(offset, 0)) {
      error = offset;
    }
  }

  /**
   * What the plugin said was wrong, at most {@link Call#REASON_LIMIT_BYTES} of it; "" if nothing.
   */
  String errorText() {
    long length = Math.min(memory.length(error), Call.REASON_LIMIT_BYTES);
    return length == 0 ? "" : new String(memory.read(error, length), StandardCharsets.UTF_8);
  }
}
