package dev.millrace.worker.cli;

import dev.millrace.worker.manifest.Manifest;
import dev.millrace.worker.manifest.ManifestReader;
import dev.millrace.worker.manifest.ManifestResult;
import dev.millrace.worker.manifest.ModuleCheck;
import dev.millrace.worker.manifest.Problem;
import dev.millrace.worker.manifest.Rule;
import dev.millrace.worker.wasm.Engine;
import dev.millrace.worker.wasm.EngineOptions;
import dev.millrace.worker.wasm.FunctionSpec;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** Reads a manifest for a command, modules included. */
final class ManifestLoader {

  private ManifestLoader() {}

  /** Everything the manifest reader says, a look into the modules and the tests included. */
  static ManifestResult readWithTests(Path file) {
    return read(file, ManifestReader.of(System.getenv()).withTestFiles());
  }

  private static ManifestResult read(Path file, ManifestReader reader) {
    try (Engine engine = Engine.open(EngineOptions.defaults())) {
      return reader.withModuleCheck(new EngineModuleCheck(engine)).read(file);
    }
  }

  /**
   * A manifest that can be used. What {@code lint} warns of does not matter to a command that runs
   * and ends.
   *
   * @throws CommandException with all problems, if there is an error among them
   */
  static Manifest load(Path file) {
    return loaded(file).manifest();
  }

  /**
   * The same without a look into the modules, for a command that looks itself.
   *
   * @throws CommandException as {@link #load(Path)}
   */
  static Manifest loadWithoutModules(Path file) {
    return usable(ManifestReader.of(System.getenv()).read(file)).manifest();
  }

  /**
   * The same with the files of tests beside it.
   *
   * @throws CommandException with all problems, if there is an error among them
   */
  static Manifest loadWithTests(Path file) {
    return usable(readWithTests(file)).manifest();
  }

  /**
   * The same for a command that stays: its warnings go to {@code err}.
   *
   * @param settled rules that the command line has answered
   * @param tests whether the files of tests beside it are read, too
   */
  static Manifest load(Path file, PrintWriter err, Set<Rule> settled, boolean tests) {
    ManifestResult.Loaded loaded = tests ? usable(readWithTests(file)) : loaded(file);
    loaded.problems().stream()
        .filter(warning -> !settled.contains(warning.rule()))
        .forEach(warning -> err.println(warning.render()));
    err.flush();
    return loaded.manifest();
  }

  /**
   * A manifest whose modules are still to be built, so that it does not matter if they are there.
   *
   * @throws CommandException with all problems, if there is an error among them
   */
  static Manifest loadUnbuilt(Path file) {
    return usable(
            ManifestReader.of(System.getenv()).withModuleCheck(ModuleCheck.UNBUILT).read(file))
        .manifest();
  }

  private static ManifestResult.Loaded loaded(Path file) {
    return usable(read(file, ManifestReader.of(System.getenv())));
  }

  private static ManifestResult.Loaded usable(ManifestResult result) {
    return switch (result) {
      case ManifestResult.Loaded loaded -> loaded;
      case ManifestResult.Invalid invalid ->
          throw new CommandException(ExitCodes.MANIFEST_INVALID, render(invalid.problems()));
    };
  }

  static String render(List<Problem> problems) {
    return String.join("\n", problems.stream().map(Problem::render).toList());
  }

  /**
   * A function of a manifest.
   *
   * @throws CommandException with the names that there are, if none is named so
   */
  static FunctionSpec function(Manifest loaded, String name) {
    FunctionSpec found = loaded.functions().get(name);
    if (found == null) {
      throw new CommandException(
          ExitCodes.NOT_FOUND,
          "no function named '"
              + name
              + "' in "
              + loaded.file()
              + "; there are "
              + String.join(", ", loaded.functions().keySet()));
    }
    return found;
  }
}
