package dev.millrace.worker.manifest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** The declared secrets with their values, taken from the environment and from files. */
final class Secrets {

  private final Names<String> values = new Names<>(Rule.UNDEFINED_SECRET, "secret");

  private Secrets() {}

  static Secrets read(Section root, Map<String, String> environment, Path directory) {
    Secrets secrets = new Secrets();
    for (Section secret : root.section("secrets").named()) {
      Optional<String> value =
          secret.has("env") ? fromEnvironment(secret, environment) : fromFile(secret, directory);
      secrets.values.declare(secret.name(), value);
    }
    return secrets;
  }

  /**
   * The value that {@code { secret: name }} stands for; a name that is not declared is reported.
   */
  Optional<String> resolve(Section reference) {
    return values.resolve(reference, "secret");
  }

  private static Optional<String> fromEnvironment(Section secret, Map<String, String> environment) {
    Optional<String> variable = secret.text("env");
    Optional<String> value = variable.map(environment::get);
    if (variable.isPresent() && value.isEmpty()) {
      secret.reportKey(
          Rule.UNDEFINED_SECRET,
          "env",
          "names the variable '"
              + variable.get()
              + "', which is not set"
              + Suggestion.among(variable.get(), environment.keySet())
              + "; set it before the worker starts");
    }
    return value;
  }

  private static Optional<String> fromFile(Section secret, Path directory) {
    Optional<String> file = secret.text("file");
    if (file.isEmpty()) {
      return Optional.empty();
    }
    try {
      String content = Files.readString(Paths.resolve(directory, file.get()));
      return Optional.of(content.replaceFirst("\r?\n\\z", ""));
    } catch (IOException | IllegalArgumentException e) {
      secret.reportKey(
          Rule.UNDEFINED_SECRET,
          "file",
          "names '" + file.get() + "', which cannot be read as text (" + Paths.reason(e) + ")");
      return Optional.empty();
    }
  }
}
