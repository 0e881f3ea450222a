package dev.millrace.worker.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** What {@code --help} shows and what {@code docs/cli.md} tells are the same. */
class DocumentedOptionsTest {

  private final List<String> missing = new ArrayList<>();

  @Test
  void everyCommandAndEveryOptionIsDocumented() throws IOException {
    String document = Files.readString(Path.of("..", "docs", "cli.md"));

    Main.commandLine()
        .getSubcommands()
        .forEach(
            (name, command) -> {
              if (!command.getCommandSpec().usageMessage().hidden()) {
                check(document, name, command);
              }
            });

    assertEquals(List.of(), missing);
  }

  private void check(String document, String path, CommandLine command) {
    if (!document.contains("`millrace " + path + "`") && !document.contains("millrace " + path)) {
      missing.add("command " + path);
    }
    for (OptionSpec option : command.getCommandSpec().options()) {
      if (!document.contains("`" + option.longestName() + "`")) {
        missing.add(path + " " + option.longestName());
      }
    }
    for (Map.Entry<String, CommandLine> sub : command.getSubcommands().entrySet()) {
      check(document, path + " " + sub.getKey(), sub.getValue());
    }
  }
}
