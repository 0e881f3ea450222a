package dev.millrace.worker.cli;

import dev.millrace.worker.build.Builds;
import dev.millrace.worker.manifest.BuildSpec;
import dev.millrace.worker.manifest.Manifest;
import dev.millrace.worker.wasm.Engine;
import dev.millrace.worker.wasm.EngineOptions;
import dev.millrace.worker.wasm.inspection.Inspection;
import dev.millrace.worker.wasm.spec.FunctionSpec;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code millrace build}: makes the modules of a manifest's functions. */
@Command(
    name = "build",
    description = {
      "Runs the build commands of a manifest's functions, several at once, and looks at the modules"
          + " that they wrote.",
      "What the commands print goes to stderr. Exit code 1 if one fails."
    })
final class BuildCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Parameters(
      arity = "0..*",
      paramLabel = "FUNCTION",
      description = "Functions of the manifest. Default: all that have a build.command.")
  private List<String> functions = List.of();

  @Option(
      names = {"-f", "--manifest"},
      paramLabel = "MANIFEST",
      defaultValue = ".",
      description = "The manifest, or a directory with a millrace.yaml. Default: ${DEFAULT-VALUE}.")
  private Path manifest = Path.of(".");

  @Option(
      names = "--jobs",
      paramLabel = "N",
      description = "How many commands run at the same time. Default: the number of cores.")
  private int jobs = Runtime.getRuntime().availableProcessors();

  @Mixin private Output output = new Output();

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter err = spec.commandLine().getErr();
    Manifest loaded = ManifestLoader.loadUnbuilt(manifest);
    Collection<BuildSpec> builds = chosen(loaded);
    if (builds.isEmpty()) {
      err.println("nothing to build: no function of " + loaded.file() + " has a build.command");
    }
    List<Builds.Result> results = new Builds(err::println, Math.max(1, jobs)).run(builds);
    List<Map<String, Object>> rows = new ArrayList<>();
    int exitCode = ExitCodes.DONE;
    try (Engine engine = Engine.open(EngineOptions.defaults())) {
      for (Builds.Result result : results) {
        Map<String, Object> row = row(result, loaded, engine);
        if (row.containsKey("problem")) {
          exitCode = ExitCodes.CHECK_FAILED;
          err.println("function '" + result.build().function() + "': " + row.get("problem"));
          result.advice().forEach(err::println);
        }
        rows.add(row);
      }
    }
    output.rows(List.of("function", "abi", "bytes", "millis", "digest"), rows);
    return exitCode;
  }

  private Collection<BuildSpec> chosen(Manifest loaded) {
    if (functions.isEmpty()) {
      return loaded.builds().values();
    }
    List<BuildSpec> chosen = new ArrayList<>();
    for (String name : functions) {
      BuildSpec build = loaded.builds().get(name);
      if (build == null) {
        throw new CommandException(
            ExitCodes.NOT_FOUND,
            loaded.functions().containsKey(name)
                ? "function '" + name + "' has no build.command"
                : "no function named '"
                    + name
                    + "' in "
                    + loaded.file()
                    + "; there are "
                    + String.join(", ", loaded.functions().keySet()));
      }
      if (!chosen.contains(build)) {
        chosen.add(build);
      }
    }
    return chosen;
  }

  private static Map<String, Object> row(Builds.Result result, Manifest loaded, Engine engine) {
    FunctionSpec function =
        Objects.requireNonNull(loaded.functions().get(result.build().function()));
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("function", function.name());
    row.put("file", function.program().main().toString());
    row.put("exit_code", result.exitCode());
    row.put("millis", result.duration().toMillis());
    if (!result.succeeded()) {
      row.put("problem", "the build ended with exit code " + result.exitCode());
      row.put("advice", result.advice());
      return row;
    }
    try {
      byte[] bytes = Files.readAllBytes(function.program().main());
      row.put("bytes", bytes.length);
      row.put("digest", digest(bytes));
    } catch (IOException e) {
      row.put(
          "problem",
          "the build ended well but wrote no "
              + function.program().main()
              + "; correct the manifest or the command");
      return row;
    }
    Inspection inspection = engine.inspect(function);
    inspection.abi().ifPresent(abi -> row.put("abi", abi.toString().toLowerCase(Locale.ROOT)));
    if (!inspection.ok()) {
      row.put("problem", String.join("; ", inspection.problems()));
    }
    return row;
  }

  private static String digest(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
