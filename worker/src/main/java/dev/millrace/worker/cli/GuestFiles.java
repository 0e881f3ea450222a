package dev.millrace.worker.cli;

import java.nio.file.Files;
import java.nio.file.Path;

/** What the distribution brings along for functions that begin. */
final class GuestFiles {

  private GuestFiles() {}

  /**
   * Where SDKs and sources of functions are.
   *
   * @throws CommandException if this Millrace has none
   */
  static Path directory() {
    Path guests = Path.of(System.getProperty("millrace.home", "."), "guest");
    if (!Files.isDirectory(guests)) {
      throw new CommandException(
          ExitCodes.REFUSED,
          "this Millrace has no directory "
              + guests
              + ", from which functions are begun; use bin/millrace of a whole distribution");
    }
    return guests;
  }

  /**
   * A name for a project, a function or a trigger.
   *
   * @throws CommandException if it cannot be one
   */
  static String name(String name, String kind) {
    if (!name.matches("[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")) {
      throw new CommandException(
          ExitCodes.USAGE,
          "'"
              + name
              + "' cannot name a "
              + kind
              + "; use letters, digits, '_', '-' and '.', a letter or digit first, at most 64 of"
              + " them");
    }
    return name;
  }
}
