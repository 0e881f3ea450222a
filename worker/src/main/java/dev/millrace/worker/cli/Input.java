package dev.millrace.worker.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files that a command is told to read. */
final class Input {

  private Input() {}

  /** The bytes of a file, or of stdin for {@code -}. */
  static byte[] read(String file) throws IOException {
    if (file.equals("-")) {
      return System.in.readAllBytes();
    }
    if (!Files.isReadable(Path.of(file))) {
      throw new CommandException(ExitCodes.NOT_FOUND, "the file " + file + " cannot be read");
    }
    return Files.readAllBytes(Path.of(file));
  }
}
