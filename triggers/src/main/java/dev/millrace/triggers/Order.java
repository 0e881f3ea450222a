package dev.millrace.triggers;

/** Which events of a trigger keep their order among each other. */
public enum Order {
  /** Events of the same key run one at a time, in order. Events without a key have no order. */
  KEY,
  /** Events of the same partition, channel or schedule run one at a time, in order. */
  PARTITION,
  /** Events run as soon as there is room for them. */
  NONE
}
