package dev.millrace.worker.wasm.abi;

import dev.millrace.worker.wasm.host.GuestStop;
import dev.millrace.worker.wasm.host.HostState;
import org.jspecify.annotations.Nullable;

/**
 * How far a transform has come with its event.
 *
 * <p>Confined to the thread that holds the slot.
 */
final class RedpandaState implements HostState {

  private boolean handedOut;
  private byte @Nullable [] record;

  @Override
  public void initialized() {}

  @Override
  public void reset() {}

  /** Turns to another event. */
  void begin(byte[] encoded) {
    handedOut = false;
    record = encoded;
  }

  /**
   * The batch of the one record: its size.
   *
   * @throws GuestStop.Finished if the transform has had it, and so asks for the next
   */
  int takeBatch() {
    if (handedOut || record == null) {
      throw new GuestStop.Finished();
    }
    handedOut = true;
    return record.length;
  }

  /** The record, if its batch was asked for and it was not read yet. */
  byte @Nullable [] peekRecord() {
    return handedOut ? record : null;
  }

  /** The record was read. */
  void takeRecord() {
    record = null;
  }
}
