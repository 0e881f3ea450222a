package dev.millrace.worker.store;

import java.sql.Connection;
import java.sql.SQLException;

/** What differs between databases. Safe for any thread. */
interface Backend {

  /** A connection that writes, in auto-commit mode. Blocks. */
  Connection openWriter() throws SQLException;

  /** A connection for reading. Blocks. */
  Connection openReader() throws SQLException;

  /** Whether connections come from a pool, so that they are best given back at once. */
  boolean pooled();

  /** Whether every write would fail as this one did, rather than this one for what it holds. */
  boolean concernsStore(SQLException failure);

  /** Whether the same transaction may well succeed when it is run again, as after a deadlock. */
  boolean passes(SQLException failure);

  /** The failure in a sentence for people. */
  StoreException explain(SQLException failure);

  /** What the store takes on disk, 0 where that is not known. */
  long fileBytes();

  /** Lets go of what the store holds beside its connections. */
  void release();
}
