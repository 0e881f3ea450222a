package dev.millrace.worker.store;

import java.util.List;

/**
 * The schema, step by step. Steps that were released are never changed.
 *
 * <p>A step is written once, in SQLite's words; {@link PostgresSchema} says which words it turns
 * into PostgreSQL's, and refuses the others. {@code STRICT} tables with the types {@code INTEGER},
 * {@code TEXT} and {@code BLOB}, indexes, added columns and plain SQL work on both.
 */
final class SqliteSchema {

  static final List<Migration> STEPS =
      List.of(
          version1(),
          version2(),
          version3(),
          version4(),
          version5(),
          version6(),
          version7(),
          version8());

  static final Migrations MIGRATIONS = new Migrations(STEPS);

  private SqliteSchema() {}

  static Migration version1() {
    return new Migration(
        1,
        List.of(
            """
            CREATE TABLE counter (
              name TEXT NOT NULL PRIMARY KEY,
              value INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID
            """,
            """
            CREATE TABLE journal (
              sequence INTEGER PRIMARY KEY,
              trigger_name TEXT NOT NULL,
              event BLOB NOT NULL
            ) STRICT
            """,
            "CREATE INDEX journal_by_trigger ON journal (trigger_name, sequence)",
            """
            CREATE TABLE fire (
              trigger_name TEXT NOT NULL,
              fire_time INTEGER NOT NULL,
              state TEXT NOT NULL,
              PRIMARY KEY (trigger_name, fire_time)
            ) STRICT, WITHOUT ROWID
            """,
            """
            CREATE TABLE dead_letter (
              number INTEGER PRIMARY KEY AUTOINCREMENT,
              id TEXT NOT NULL UNIQUE,
              event_id TEXT NOT NULL,
              event_bytes INTEGER NOT NULL,
              trigger_name TEXT NOT NULL,
              function_name TEXT NOT NULL,
              version TEXT NOT NULL,
              failure TEXT NOT NULL,
              error TEXT NOT NULL,
              received_at INTEGER NOT NULL,
              failed_at INTEGER NOT NULL,
              attempt_count INTEGER NOT NULL,
              replays INTEGER NOT NULL DEFAULT 0,
              last_replay INTEGER,
              attempts TEXT NOT NULL,
              event BLOB NOT NULL
            ) STRICT
            """,
            "CREATE INDEX dead_letter_by_time ON dead_letter (failed_at, number)",
            """
            CREATE TABLE parked (
              id TEXT NOT NULL UNIQUE,
              trigger_name TEXT NOT NULL,
              function_name TEXT NOT NULL,
              failed_attempts INTEGER NOT NULL,
              received_at INTEGER NOT NULL,
              due_at INTEGER NOT NULL,
              attempts TEXT NOT NULL,
              event BLOB NOT NULL
            ) STRICT
            """,
            "CREATE INDEX parked_by_due ON parked (due_at, id)",
            """
            CREATE TABLE attempt (
              sequence INTEGER PRIMARY KEY,
              trigger_name TEXT NOT NULL,
              function_name TEXT NOT NULL,
              event_id TEXT NOT NULL,
              number INTEGER NOT NULL,
              started_at INTEGER NOT NULL,
              duration_us INTEGER NOT NULL,
              failure TEXT NOT NULL,
              error TEXT NOT NULL,
              log TEXT NOT NULL
            ) STRICT
            """));
  }

  static Migration version2() {
    return new Migration(
        2,
        List.of(
            """
            CREATE TABLE parked_key (
              trigger_name TEXT NOT NULL,
              lane TEXT NOT NULL,
              letter_id TEXT NOT NULL,
              parked_at INTEGER NOT NULL,
              PRIMARY KEY (trigger_name, lane)
            ) STRICT
            """,
            """
            CREATE TABLE key_queue (
              sequence INTEGER PRIMARY KEY AUTOINCREMENT,
              trigger_name TEXT NOT NULL,
              lane TEXT NOT NULL,
              receipt TEXT NOT NULL,
              received_at INTEGER NOT NULL,
              event BLOB NOT NULL,
              UNIQUE (trigger_name, lane, receipt)
            ) STRICT
            """,
            "CREATE INDEX key_queue_by_lane ON key_queue (trigger_name, lane, sequence)",
            """
            CREATE TABLE seen_event (
              trigger_name TEXT NOT NULL,
              identity TEXT NOT NULL,
              until_at INTEGER NOT NULL,
              PRIMARY KEY (trigger_name, identity)
            ) STRICT, WITHOUT ROWID
            """,
            "CREATE INDEX seen_event_by_end ON seen_event (until_at)",
            """
            CREATE TABLE once_key (
              function_name TEXT NOT NULL,
              claimed_key TEXT NOT NULL,
              owner TEXT NOT NULL,
              done INTEGER NOT NULL,
              until_at INTEGER NOT NULL,
              PRIMARY KEY (function_name, claimed_key)
            ) STRICT, WITHOUT ROWID
            """,
            "CREATE INDEX once_key_by_end ON once_key (until_at)"));
  }

  /** Who sees to a row, where several workers share the store: 0 is nobody, or the only worker. */
  static Migration version3() {
    return new Migration(
        3,
        List.of(
            """
            CREATE TABLE replica (
              number INTEGER PRIMARY KEY AUTOINCREMENT,
              name TEXT NOT NULL,
              alive_until INTEGER NOT NULL
            ) STRICT
            """,
            "ALTER TABLE journal ADD COLUMN owner INTEGER NOT NULL DEFAULT 0",
            "ALTER TABLE parked ADD COLUMN owner INTEGER NOT NULL DEFAULT 0",
            "ALTER TABLE fire ADD COLUMN owner INTEGER NOT NULL DEFAULT 0",
            "CREATE INDEX fire_open ON fire (trigger_name, fire_time) WHERE state = 'OPEN'"),
        List.of(
            "DROP INDEX journal_by_trigger",
            "CREATE INDEX journal_by_trigger ON journal (trigger_name, owner, sequence)"));
  }

  /** What a dead letter needs to be reproduced, edited and replayed many at a time. */
  static Migration version4() {
    return new Migration(
        4,
        List.of(
            "ALTER TABLE dead_letter ADD COLUMN recording BLOB",
            "ALTER TABLE dead_letter ADD COLUMN recorded_event BLOB",
            "ALTER TABLE dead_letter ADD COLUMN original BLOB",
            "ALTER TABLE dead_letter ADD COLUMN quarantine_after INTEGER NOT NULL DEFAULT 3",
            "ALTER TABLE dead_letter ADD COLUMN replayed_by TEXT",
            """
            CREATE TABLE replay (
              id TEXT NOT NULL PRIMARY KEY,
              filter TEXT NOT NULL,
              target TEXT NOT NULL,
              interval_us INTEGER NOT NULL,
              last_number INTEGER NOT NULL,
              total INTEGER NOT NULL,
              created_at INTEGER NOT NULL,
              state TEXT NOT NULL,
              ended_at INTEGER,
              position INTEGER NOT NULL DEFAULT 0,
              left_store INTEGER NOT NULL DEFAULT 0,
              failed INTEGER NOT NULL DEFAULT 0,
              skipped INTEGER NOT NULL DEFAULT 0,
              trouble TEXT NOT NULL DEFAULT '',
              owner TEXT NOT NULL DEFAULT '',
              owned_until INTEGER NOT NULL DEFAULT 0
            ) STRICT
            """));
  }

  /** What a person wants of cron triggers. Each change raises the revision, which workers watch. */
  static Migration version5() {
    return new Migration(
        5,
        List.of(
            """
            CREATE TABLE cron_trigger (
              trigger_name TEXT NOT NULL PRIMARY KEY,
              paused INTEGER NOT NULL DEFAULT 0,
              paused_at INTEGER,
              revision INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID
            """,
            "ALTER TABLE fire ADD COLUMN kind TEXT NOT NULL DEFAULT 'SCHEDULED'",
            "DROP INDEX fire_open",
            "CREATE INDEX fire_open ON fire (trigger_name, fire_time)"
                + " WHERE state IN ('OPEN', 'REQUESTED')"));
  }

  /**
   * Which worker drains a parked key; each event in its queue, and each letter, is a revision. And
   * an index that counts the parked retries of a trigger.
   */
  static Migration version6() {
    return new Migration(
        6,
        List.of(
            "ALTER TABLE parked_key ADD COLUMN owner INTEGER NOT NULL DEFAULT 0",
            "ALTER TABLE parked_key ADD COLUMN revision INTEGER NOT NULL DEFAULT 0",
            "CREATE INDEX parked_by_trigger ON parked (trigger_name)"));
  }

  /** What functions put into key-value stores: a number or bytes, the other one is NULL. */
  static Migration version7() {
    return new Migration(
        7,
        List.of(
            """
            CREATE TABLE key_value (
              app_name TEXT NOT NULL,
              store_name TEXT NOT NULL,
              item_key BLOB NOT NULL,
              item_value BLOB,
              item_number INTEGER,
              until_at INTEGER NOT NULL,
              PRIMARY KEY (app_name, store_name, item_key)
            ) STRICT
            """,
            "CREATE INDEX key_value_by_end ON key_value (until_at)"));
  }

  /**
   * A row of the journal holds several events, and its sequence is that of the last of them. Rows
   * of before hold one. Columns are added and nothing is copied, since replicas that are not yet
   * this version may be writing.
   */
  static Migration version8() {
    return new Migration(
        8,
        List.of(
            "ALTER TABLE journal ADD COLUMN events INTEGER NOT NULL DEFAULT 1",
            "ALTER TABLE journal ADD COLUMN finished INTEGER NOT NULL DEFAULT 0"));
  }
}
