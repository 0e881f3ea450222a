package dev.millrace.worker.store;

import java.util.List;

/**
 * One step of the schema, applied once and never changed afterwards.
 *
 * @param version what the schema's version is after it, from 1 without gaps
 * @param statements run in their order, in one transaction
 */
record Migration(int version, List<String> statements) {

  Migration {
    statements = List.copyOf(statements);
  }
}
