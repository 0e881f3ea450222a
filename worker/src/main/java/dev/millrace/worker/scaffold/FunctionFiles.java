package dev.millrace.worker.scaffold;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * The files of a function that begins: its source in a directory of its name, the SDK it is written
 * against, and its tests. Copied from Millrace's own files.
 */
public final class FunctionFiles {

  /** What the functions of the templates are called. */
  private static final String TEMPLATE = "hello";

  /** Files that tell a tool the name of what it builds. */
  private static final Set<String> NAMING = Set.of("Cargo.toml", "go.mod", "package.json");

  /** What an SDK's directory has besides the SDK. */
  private static final Set<String> NO_SDK =
      Set.of("template", "command", "function.yaml", "command.yaml", "target", "node_modules");

  private final Path guests;
  private final Path project;
  private final String name;

  /**
   * @param guests where the distribution has SDKs and sources of functions
   * @param project the manifest's directory
   * @param name what the manifest calls the function; a name that a manifest takes
   */
  public FunctionFiles(Path guests, Path project, String name) {
    this.guests = guests;
    this.project = project;
    this.name = name;
  }

  /** The function's keys in the manifest, indented by 2 for each level, from 0. */
  public String keys(Language language) throws IOException {
    return Files.readString(guests.resolve(language.function()))
        .indent(-4)
        .replace("release/" + TEMPLATE, "release/" + artifact().replace('-', '_'))
        .replaceAll("\\b(?<!release/)" + TEMPLATE + "\\b", name);
  }

  /** Where the source goes. */
  public Path directory() {
    return project.resolve(name);
  }

  /**
   * Writes the files. An SDK and tests that are there stay.
   *
   * @throws java.nio.file.FileAlreadyExistsException if a file of the source is there
   */
  public void write(Language language) throws IOException {
    copy(guests.resolve(language.source()), directory(), file -> true, this::renamed);
    if (language.sdk().isPresent()) {
      Path sdk = project.resolve("sdk").resolve(language.sdk().get());
      if (Files.notExists(sdk)) {
        Predicate<Path> ofSdk = file -> !NO_SDK.contains(file.getName(0).toString());
        copy(guests.resolve(language.sdk().get()), sdk, ofSdk, UnaryOperator.identity());
      }
    }
    Path tests = project.resolve("tests").resolve(name + ".yaml");
    if (Files.notExists(tests)) {
      Files.createDirectories(tests.getParent());
      Files.writeString(tests, Resources.text("tests.yaml").replace("@FUNCTION@", name));
    }
    for (String file : NAMING) {
      Path naming = directory().resolve(file);
      if (Files.exists(naming)) {
        String text = Files.readString(naming);
        Files.writeString(naming, text.replaceAll("\\b" + TEMPLATE + "\\b", artifact()));
      }
    }
  }

  private String renamed(String file) {
    return file.startsWith(TEMPLATE + ".") ? name + file.substring(TEMPLATE.length()) : file;
  }

  /** The name as the builders of all languages take it. */
  private String artifact() {
    String plain = name.replace('.', '-');
    return Character.isDigit(plain.charAt(0)) ? "_" + plain : plain;
  }

  private static void copy(
      Path from, Path to, Predicate<Path> chosen, UnaryOperator<String> renamed)
      throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path relative = from.relativize(file);
        if (chosen.test(relative)) {
          Path target = to.resolve(renamed.apply(relative.toString()));
          Files.createDirectories(target.getParent());
          Files.copy(file, target);
        }
      }
    }
  }
}
