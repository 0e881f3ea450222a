package dev.millrace.worker.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Predicate;

/** A file of dead letters as {@code dlq export} writes it: one JSON object a line. */
record LetterFile(String name) {

  /**
   * Gives each letter to {@code consumer}, until it says that it has enough.
   *
   * @throws CommandException naming the line, if one is not a dead letter
   */
  void each(Predicate<LetterJson.Read> consumer) {
    try (BufferedReader lines = open()) {
      int number = 0;
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        number++;
        if (!line.isBlank() && !consumer.test(read(line, number))) {
          return;
        }
      }
    } catch (IOException e) {
      throw new CommandException(ExitCodes.NOT_FOUND, name + " cannot be read: " + e);
    } catch (UncheckedIOException e) {
      throw new CommandException(ExitCodes.NOT_FOUND, name + " cannot be read: " + e.getCause());
    }
  }

  private LetterJson.Read read(String line, int number) {
    try {
      return LetterJson.read(line);
    } catch (IllegalArgumentException e) {
      throw new CommandException(
          ExitCodes.CHECK_FAILED, name + ":" + number + " " + e.getMessage());
    }
  }

  private BufferedReader open() throws IOException {
    if (name.equals("-")) {
      return new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    }
    if (!Files.isReadable(Path.of(name))) {
      throw new CommandException(ExitCodes.NOT_FOUND, "the file " + name + " cannot be read");
    }
    return Files.newBufferedReader(Path.of(name));
  }
}
