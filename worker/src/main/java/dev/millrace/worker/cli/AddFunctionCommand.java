package dev.millrace.worker.cli;

import dev.millrace.worker.scaffold.FunctionFiles;
import dev.millrace.worker.scaffold.Language;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code millrace add function}. */
@Command(
    name = "function",
    description = {
      "Adds a function to a manifest, with its source in a directory of its name, its SDK and its"
          + " tests.",
      "Never writes over anything."
    })
final class AddFunctionCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "NAME", description = "What the manifest calls the function.")
  private String name = "";

  @ArgGroup(exclusive = true, multiplicity = "1")
  private Beginning beginning = new Beginning();

  @Mixin private EditedManifest manifest = new EditedManifest();

  /** What the function begins with. */
  @CommandLineOnly
  static final class Beginning {
    @Option(
        names = "--language",
        paramLabel = "LANGUAGE",
        description = "Begin with a source in this language, as in a template's name of 'new'.")
    private @Nullable String language;

    @Option(
        names = "--from-existing",
        paramLabel = "FILE",
        description = "Begin with this module instead, with the grants that it needs.")
    private @Nullable Path module;
  }

  @Override
  public Integer call() throws IOException {
    GuestFiles.name(name, "function");
    manifest.read();
    if (beginning.module != null) {
      addModule(beginning.module);
    } else {
      addSource(language());
    }
    if (!manifest.dryRun()) {
      PrintWriter out = spec.commandLine().getOut();
      out.println(
          "added function '"
              + name
              + "' to "
              + manifest.file()
              + "; 'millrace add trigger' lets it run");
      out.flush();
    }
    return ExitCodes.DONE;
  }

  private Language language() {
    String id = String.valueOf(beginning.language);
    return Language.named(id)
        .orElseThrow(
            () ->
                new CommandException(
                    ExitCodes.NOT_FOUND,
                    "no template in '"
                        + id
                        + "'; there are "
                        + Stream.of(Language.values())
                            .map(Language::id)
                            .collect(Collectors.joining(", "))));
  }

  private void addSource(Language language) throws IOException {
    FunctionFiles files = new FunctionFiles(GuestFiles.directory(), manifest.directory(), name);
    manifest.add("functions", name, files.keys(language));
    requireNothing(files.directory());
    // the check wants the directory, in which the build command runs
    Files.createDirectory(files.directory());
    boolean kept = false;
    try {
      manifest.check();
      kept = !manifest.dryRun();
    } finally {
      if (!kept) {
        Files.deleteIfExists(files.directory());
      }
    }
    if (kept) {
      files.write(language);
    }
    manifest.write();
  }

  private void addModule(Path module) throws IOException {
    ExistingModule existing = ExistingModule.inspect(module, name);
    Path real = module.toAbsolutePath().normalize();
    boolean within = real.startsWith(manifest.directory());
    Path target = within ? real : manifest.directory().resolve(name + ".wasm");
    String path = manifest.directory().relativize(target).toString();
    manifest.add(
        "functions",
        name,
        "wasm: " + PlainText.yaml(path) + "\n" + existing.grants(Optional.empty()));
    if (!within) {
      requireNothing(target);
    }
    manifest.check();
    if (!within && !manifest.dryRun()) {
      Files.copy(real, target);
    }
    manifest.write();
  }

  private static void requireNothing(Path path) {
    if (Files.exists(path)) {
      throw new CommandException(
          ExitCodes.REFUSED, path + " is there already; choose another name, or move it away");
    }
  }
}
