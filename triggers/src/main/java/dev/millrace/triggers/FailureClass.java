package dev.millrace.triggers;

/** What a failure means for the event's next attempt. */
public enum FailureClass {
  /** No attempt will ever succeed: dead letter at once. */
  PERMANENT,
  /** The next attempt may succeed. */
  TRANSIENT,
  /** The event was never really tried: does not use up an attempt. */
  INFRASTRUCTURE
}
