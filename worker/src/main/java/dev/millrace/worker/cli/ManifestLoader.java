package dev.millrace.worker.cli;

import dev.millrace.worker.manifest.Manifest;
import dev.millrace.worker.manifest.ManifestReader;
import dev.millrace.worker.manifest.ManifestResult;
import dev.millrace.worker.manifest.ModuleCheck;
import dev.millrace.worker.manifest.Problem;
import dev.millrace.worker.manifest.Rule;
import dev.millrace.worker.wasm.spec.FunctionSpec;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads a manifest for a command, modules included. */
final class ManifestLoader {

  private ManifestLoader() {}

  /** Everything the manifest reader says, a look into the modules and the tests included. */
  static ManifestResult readWithTests(Path file) {
    return readWithTests(file, Optional.empty());
  }

  private static ManifestResult readWithTests(Path file, Optional<Path> state) {
    return read(file, ManifestReader.of(System.getenv()).withTestFiles(), state);
  }

  private static ManifestResult read(Path file, ManifestReader reader, Optional<Path> state) {
    return reader.withModuleCheck(EngineModuleCheck.of(state)).read(file);
  }

  /**
   * A manifest that can be used. What {@code lint} warns of does not matter to a command that runs
   * and ends.
   *
   * @throws CommandException with all problems, if there is an error among them
   */
  static Manifest load(Path file) {
    return loaded(file, Optional.empty()).manifest();
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
   * @param state where the command line says that the state is kept; what the manifest says of that
   *     then does not matter
   * @param tests whether the files of tests beside it are read, too
   */
  static Manifest load(Path file, PrintWriter err, Optional<Path> state, boolean tests) {
    ManifestResult.Loaded loaded = tests ? usable(readWithTests(file, state)) : loaded(file, state);
    Set<Rule> settled = state.isEmpty() ? Set.of() : Set.of(Rule.EPHEMERAL_STORE);
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

  private static ManifestResult.Loaded loaded(Path file, Optional<Path> state) {
    return usable(read(file, ManifestReader.of(System.getenv()), state));
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
