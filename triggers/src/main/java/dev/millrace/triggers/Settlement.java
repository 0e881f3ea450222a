package dev.millrace.triggers;

/** How the worker's part in one event ended. Every accepted event is settled exactly once. */
public enum Settlement {
  /** The function succeeded, and what it published is confirmed. */
  DONE(true),
  /** The event failed for good, and its dead letter is stored. */
  DEAD_LETTERED(true),
  /**
   * The event waits for its retry in the store, which keeps it at least as safely as its source.
   */
  PARKED(true),
  /** The event failed for good, and the manifest says that such events are dropped. */
  DROPPED(true),
  /**
   * The worker gives the event back untouched or unfinished: it must come again from its source.
   */
  RELEASED(false);

  private final boolean acknowledge;

  Settlement(boolean acknowledge) {
    this.acknowledge = acknowledge;
  }

  /** Whether the source may forget the event. */
  public boolean acknowledge() {
    return acknowledge;
  }
}
