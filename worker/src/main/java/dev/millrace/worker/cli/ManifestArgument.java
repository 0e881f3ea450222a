package dev.millrace.worker.cli;

import java.nio.file.Path;
import picocli.CommandLine.Parameters;

/** The manifest of a command that works on a whole one. */
final class ManifestArgument {

  @Parameters(
      arity = "0..1",
      paramLabel = "MANIFEST",
      defaultValue = ".",
      description = "The manifest, or a directory with a millrace.yaml. Default: ${DEFAULT-VALUE}.")
  private Path path = Path.of(".");

  Path path() {
    return path;
  }
}
