package dev.millrace.worker.cli;

/** How a command writes its data. */
enum OutputFormat {
  /** For people. */
  TEXT,
  /** One JSON document. */
  JSON,
  /** One JSON document a line. */
  JSONL
}
