package dev.millrace.worker.wasm.abi;

/** Where an event enters an instance. Confined to the thread that holds the slot. */
@FunctionalInterface
public interface GuestEntry {

  /**
   * Hands the invocation at hand to the guest. The guest may end it with any exception instead of
   * returning.
   */
  Ending call();
}
