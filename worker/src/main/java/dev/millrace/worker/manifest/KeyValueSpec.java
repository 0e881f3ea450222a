package dev.millrace.worker.manifest;

import java.util.Optional;

/**
 * A key-value store for functions.
 *
 * @param name what grants and guests call it
 * @param redis where in Redis it is; empty for the worker's own store
 */
public record KeyValueSpec(String name, Optional<InRedis> redis) {

  /** A store in the worker's own. */
  static KeyValueSpec own(String name) {
    return new KeyValueSpec(name, Optional.empty());
  }

  /**
   * A store in Redis.
   *
   * @param connection the connection's name
   * @param prefix what precedes each of the guests' keys there
   */
  public record InRedis(String connection, String prefix) {}
}
