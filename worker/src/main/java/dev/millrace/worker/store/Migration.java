package dev.millrace.worker.store;

import java.util.List;

/**
 * One step of the schema, applied once and never changed afterwards.
 *
 * @param version what the schema's version is after it, from 1 without gaps
 * @param statements run in their order, in one transaction
 * @param onPostgres run after them on PostgreSQL alone, and written in its words
 */
record Migration(int version, List<String> statements, List<String> onPostgres) {

  Migration {
    statements = List.copyOf(statements);
    onPostgres = List.copyOf(onPostgres);
  }

  /** A step that is the same on both databases. */
  Migration(int version, List<String> statements) {
    this(version, statements, List.of());
  }
}
