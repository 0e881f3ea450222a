package dev.millrace.worker.manifest;

import java.util.List;

/** What came of reading a manifest. */
public sealed interface ManifestResult {

  /** Everything that was found, in the order of the file. */
  List<Problem> problems();

  /**
   * The manifest can run.
   *
   * @param problems warnings only
   */
  record Loaded(Manifest manifest, List<Problem> problems) implements ManifestResult {
    public Loaded {
      problems = List.copyOf(problems);
    }
  }

  /**
   * The manifest cannot run.
   *
   * @param problems at least one error, and the warnings
   */
  record Invalid(List<Problem> problems) implements ManifestResult {
    public Invalid {
      problems = List.copyOf(problems);
    }
  }
}
