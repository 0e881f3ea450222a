package dev.millrace.worker.store;

/**
 * A worker among those that share a store.
 *
 * <p>Rows that somebody has to see to carry the number of the worker that does. A worker is there
 * as long as its row in {@code replica} is not over, by the database's clock; what belongs to one
 * that is not there is free for the others.
 *
 * @param number what this worker writes into {@code owner}; 0 where it has the store to itself
 * @param now the database's clock in microseconds since 1970, as SQL
 */
record Replica(long number, String now) {

  /** The only worker on its store, or a process that only looks into one. */
  static final Replica SOLE = new Replica(0, "0");

  /** What people call this process: its host and number. */
  static String name() {
    String host = System.getenv().getOrDefault("HOSTNAME", "localhost");
    return host + "/" + ProcessHandle.current().pid();
  }

  /** Whether there may be others. */
  boolean shared() {
    return number > 0;
  }

  /** The condition that a row's owner is another worker and is not there any more, as SQL. */
  String gone() {
    return shared()
        ? """
          owner NOT IN (0, %d) AND NOT EXISTS
            (SELECT 1 FROM replica WHERE replica.number = owner AND alive_until > %s)"""
            .formatted(number, now)
        : "1 = 0";
  }

  /** The condition that a row is this worker's, nobody's, or that of one that is gone, as SQL. */
  String free() {
    return shared() ? "(owner IN (0, %d) OR (%s))".formatted(number, gone()) : "1 = 1";
  }
}
