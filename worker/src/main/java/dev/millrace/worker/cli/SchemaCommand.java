package dev.millrace.worker.cli;

import dev.millrace.worker.manifest.ManifestSchema;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code millrace schema}: the manifest's JSON Schema. */
@Command(name = "schema", description = "Prints the JSON Schema of the manifest, for editors.")
final class SchemaCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    spec.commandLine().getOut().println(ManifestSchema.text().stripTrailing());
    return ExitCodes.DONE;
  }
}
