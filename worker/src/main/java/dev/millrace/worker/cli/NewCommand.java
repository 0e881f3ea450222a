package dev.millrace.worker.cli;

import dev.millrace.worker.scaffold.Scaffold;
import dev.millrace.worker.scaffold.Source;
import dev.millrace.worker.scaffold.Template;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
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
    Scaffold scaffold = new Scaffold(GuestFiles.directory(), target, name(target));
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

  private static String name(Path directory) {
    return GuestFiles.name(
        directory.getFileName() == null ? "" : directory.getFileName().toString(), "project");
  }

  private void write(Scaffold scaffold, Path module) throws IOException {
    String file = module.getFileName().toString();
    String stem =
        file.endsWith(MODULE_SUFFIX)
            ? file.substring(0, file.length() - MODULE_SUFFIX.length())
            : file;
    String cleaned = stem.replaceAll("^[^A-Za-z0-9]+|[^A-Za-z0-9_.-]", "");
    String function = cleaned.isEmpty() ? "function" : cleaned;
    Optional<String> destination =
        trigger == Source.CRON ? Optional.empty() : Optional.of(trigger.destination());
    scaffold.write(
        trigger, module, function, ExistingModule.inspect(module, function).grants(destination));
  }
}
