package dev.millrace.worker.wasm.host;

/**
 * What the host keeps for one sandbox beside the guest's own memories, as its ABI wants. Made
 * before the instance, and put back with it.
 *
 * <p>Confined to the thread that holds the slot.
 */
public interface HostState {

  /** Nothing is kept. */
  HostState NONE =
      new HostState() {
        @Override
        public void initialized() {}

        @Override
        public void reset() {}
      };

  /** The guest is initialized: this is the moment to which {@link #reset} returns. */
  void initialized();

  /** Back to the moment after initialization. */
  void reset();
}
