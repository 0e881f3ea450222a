package dev.millrace.worker.manifest;

/** How bad a problem is. */
public enum Severity {
  /** The manifest cannot run. */
  ERROR,
  /** The manifest runs, but maybe not as its author thinks. */
  WARNING
}
