package dev.millrace.worker.cli;

import dev.millrace.worker.scaffold.Scaffold;
import dev.millrace.worker.scaffold.Source;
import dev.millrace.worker.scaffold.Template;
import dev.millrace.worker.wasm.Engine;
import dev.millrace.worker.wasm.EngineOptions;
import dev.millrace.worker.wasm.FunctionSpec;
import dev.millrace.worker.wasm.FunctionSpec.InstanceMode;
import dev.millrace.worker.wasm.Grants;
import dev.millrace.worker.wasm.Inspection;
import dev.millrace.worker.wasm.Limits;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code millrace new}: the files that a project begins with. */
@Command(
    name = "new",
    description = {
      "Writes a directory with a manifest, a function and its test, ready to build.",
      "Never writes over anything."
    })
final class NewCommand implements Callable<Integer> {

  private static final String MODULE_SUFFIX = ".wasm";

  @Spec private CommandSpec spec;

  @Parameters(
      arity = "0..1",
      paramLabel = "DIRECTORY",
      description = "The directory to make; its last part names the project.")
  private @Nullable Path directory;

  @Option(
      names = "--template",
      paramLabel = "TEMPLATE",
      defaultValue = "kafka-rust",
      description = "What to begin with; --list shows all. Default: ${DEFAULT-VALUE}.")
  private String template = "kafka-rust";

  @Option(names = "--list", description = "List the templates.")
  private boolean list;

  @Option(
      names = "--from-existing",
      paramLabel = "FILE",
      description = "Begin with this module instead, with the grants that it needs.")
  private @Nullable Path existing;

  @Option(
      names = "--trigger",
      paramLabel = "KIND",
      defaultValue = "kafka",
      description =
          "With --from-existing, what the function runs on: ${COMPLETION-CANDIDATES} in lower case."
              + " Default: ${DEFAULT-VALUE}.")
  private Source trigger = Source.KAFKA;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    if (list) {
      out.print(
          TextTable.render(
              List.of("template", "what"),
              Template.all().stream()
                  .map(
                      each -> Map.<String, Object>of("template", each.name(), "what", each.title()))
                  .toList()));
      out.flush();
      return ExitCodes.DONE;
    }
    if (directory == null) {
      throw new ParameterException(spec.commandLine(), "Missing required parameter: 'DIRECTORY'");
    }
    Path target = directory.toAbsolutePath().normalize();
    Scaffold scaffold = new Scaffold(guests(), target, name(target));
    try {
      if (existing == null) {
        scaffold.write(template());
        out.println(
            "wrote " + directory + "; go on with 'millrace build' and 'millrace test' there");
      } else {
        write(scaffold, existing);
        out.println("wrote " + directory + "; go on with 'millrace lint' and 'millrace dev' there");
      }
    } catch (FileAlreadyExistsException e) {
      throw new CommandException(
          ExitCodes.REFUSED, directory + " is there already and not empty; name another directory");
    }
    return ExitCodes.DONE;
  }

  private Template template() {
    return Template.named(template)
        .orElseThrow(
            () ->
                new CommandException(
                    ExitCodes.NOT_FOUND,
                    "no template '" + template + "'; 'millrace new --list' shows all"));
  }

  private static Path guests() {
    Path guests = Path.of(System.getProperty("millrace.home", "."), "guest");
    if (!Files.isDirectory(guests)) {
      throw new CommandException(
          ExitCodes.REFUSED,
          "this Millrace has no directory "
              + guests
              + ", from which projects are begun; use bin/millrace of a whole distribution");
    }
    return guests;
  }

  private static String name(Path directory) {
    String name = directory.getFileName() == null ? "" : directory.getFileName().toString();
    if (!name.matches("[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")) {
      throw new CommandException(
          ExitCodes.USAGE,
          "'"
              + name
              + "' cannot name a project; use letters, digits, '_', '-' and '.', a letter or digit"
              + " first, at most 64 of them");
    }
    return name;
  }

  private void write(Scaffold scaffold, Path module) throws IOException {
    if (!Files.isRegularFile(module)) {
      throw new CommandException(ExitCodes.NOT_FOUND, "there is no module " + module);
    }
    String file = module.getFileName().toString();
    String stem =
        file.endsWith(MODULE_SUFFIX)
            ? file.substring(0, file.length() - MODULE_SUFFIX.length())
            : file;
    String cleaned = stem.replaceAll("^[^A-Za-z0-9]+|[^A-Za-z0-9_.-]", "");
    String function = cleaned.isEmpty() ? "function" : cleaned;
    FunctionSpec bare =
        new FunctionSpec(
            function,
            module,
            Optional.empty(),
            Limits.DEFAULT,
            InstanceMode.FRESH,
            1,
            Map.of(),
            Map.of(),
            Grants.NONE);
    Inspection inspection;
    try (Engine engine = Engine.open(EngineOptions.defaults())) {
      inspection = engine.inspect(bare);
    }
    if (!inspection.ok()) {
      throw new CommandException(
          ExitCodes.MANIFEST_INVALID, String.join("\n", inspection.problems()));
    }
    scaffold.write(trigger, module, function, grants(inspection));
  }

  /** The keys of a manifest that let a module do what it imports. */
  private String grants(Inspection inspection) {
    Set<String> imports =
        inspection.imports().stream()
            .filter(each -> each.module().equals("millrace"))
            .map(Inspection.Import::name)
            .collect(Collectors.toSet());
    List<String> grants = new ArrayList<>();
    if (imports.contains("publish") && trigger != Source.CRON) {
      grants.add("publish: [\"" + trigger.destination() + "\"]");
    }
    if (imports.contains("once")) {
      grants.add("once: true");
    }
    if (imports.stream().anyMatch(each -> each.startsWith("kv_"))) {
      grants.add("kv: [default]");
    }
    String allow = grants.isEmpty() ? "" : "allow: { " + String.join(", ", grants) + " }\n";
    return imports.contains("http")
        ? allow + "# it imports http: name the origins that it may call under allow.http\n"
        : allow;
  }
}
