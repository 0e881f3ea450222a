package dev.millrace.worker.cli;

import dev.millrace.worker.build.Builds;
import dev.millrace.worker.manifest.BuildSpec;
import dev.millrace.worker.manifest.Manifest;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * Builds the modules that are not there, for a command that builds them anyway once they change.
 */
final class MissingModules {

  private MissingModules() {}

  /**
   * Builds them. Blocks.
   *
   * @param err takes what the commands print
   * @throws CommandException if the manifest has errors, or a build fails
   */
  static void build(Path file, PrintWriter err) throws InterruptedException {
    Manifest manifest = ManifestLoader.loadUnbuilt(file);
    List<BuildSpec> missing =
        manifest.builds().values().stream()
            .filter(
                build ->
                    Files.notExists(
                        Objects.requireNonNull(manifest.functions().get(build.function()))
                            .program()
                            .main()))
            .toList();
    if (missing.isEmpty()) {
      return;
    }
    Builds builds = new Builds(err::println, Runtime.getRuntime().availableProcessors());
    for (Builds.Result result : builds.run(missing)) {
      if (!result.succeeded()) {
        result.advice().forEach(err::println);
        throw new CommandException(
            ExitCodes.CHECK_FAILED,
            "function '"
                + result.build().function()
                + "': the build ended with exit code "
                + result.exitCode());
      }
    }
  }
}
