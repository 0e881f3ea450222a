package dev.millrace.triggers;

/**
 * Why an attempt did not succeed. The names are used in the manifest, logs, metrics and dead
 * letters.
 */
public enum FailureKind {
  /** The guest said that it will never accept this event. */
  REJECTED(FailureClass.PERMANENT),
  /** The event's data exceeds the function's {@code limits.input}. */
  INPUT_LIMIT(FailureClass.PERMANENT),
  /**
   * The guest broke the ABI: a missing export, a wrong signature, an unknown answer, a pointer
   * outside its memory.
   */
  BROKEN_CONTRACT(FailureClass.PERMANENT),
  /** The guest asked to be called again. */
  RETRY_REQUESTED(FailureClass.TRANSIENT),
  /** A program ended with an exit code that has no agreed meaning. */
  EXIT_CODE(FailureClass.TRANSIENT),
  /** The guest trapped: unreachable, out of bounds, division by zero, stack exhausted. */
  TRAP(FailureClass.TRANSIENT),
  /** The guest did not end within {@code limits.timeout}. */
  TIMEOUT(FailureClass.TRANSIENT),
  /** The guest wanted more than {@code limits.memory}, or a table too large. */
  MEMORY_LIMIT(FailureClass.TRANSIENT),
  /** The guest wrote more than {@code limits.output}. */
  OUTPUT_LIMIT(FailureClass.TRANSIENT),
  /**
   * The broker will never take what the function published: too large, an invalid name, not
   * allowed.
   */
  PUBLISH_REFUSED(FailureClass.PERMANENT),
  /** The worker's process ended again and again while this event ran. */
  CRASHED(FailureClass.PERMANENT),
  /** The event grew older than {@code retry.max_age} while it was retried. */
  EXPIRED(FailureClass.PERMANENT),
  /**
   * The worker itself failed at this event: a bug of ours, which must not stop the events behind
   * it.
   */
  INTERNAL_ERROR(FailureClass.TRANSIENT),
  /** The worker is shutting down, or has no sandbox to give. */
  INFRASTRUCTURE(FailureClass.INFRASTRUCTURE);

  private final FailureClass failureClass;

  FailureKind(FailureClass failureClass) {
    this.failureClass = failureClass;
  }

  public FailureClass failureClass() {
    return failureClass;
  }
}
