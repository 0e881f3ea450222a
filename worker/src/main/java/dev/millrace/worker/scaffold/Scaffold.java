package dev.millrace.worker.scaffold;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * Writes the files that a project begins with, into a directory that is new or empty. Everything is
 * copied from Millrace's own files, so that what comes out builds without a network.
 */
public final class Scaffold {

  private static final String FUNCTION = "hello";

  private final Path guests;
  private final Path directory;
  private final String name;

  /**
   * @param guests where the distribution has SDKs and sources of functions
   * @param directory where the project is written
   * @param name what the manifest calls it
   */
  public Scaffold(Path guests, Path directory, String name) {
    this.guests = guests;
    this.directory = directory;
    this.name = name;
  }

  /**
   * Begins a project with a function that has a source.
   *
   * @throws FileAlreadyExistsException if there is something in the directory
   */
  public void write(Template template) throws IOException {
    requireNothing();
    Language language = template.language();
    FunctionFiles function = new FunctionFiles(guests, directory, FUNCTION);
    String body = function.keys(language).indent(4);
    text("millrace.yaml", manifest(template.source(), FUNCTION, body));
    text(".gitignore", Resources.text("gitignore"));
    text("README.md", Resources.text("readme.md").replace("@NAME@", name));
    function.write(language);
  }

  /**
   * Begins a project with a module that is there.
   *
   * @param module the module, which is copied
   * @param function what the manifest calls the function
   * @param keys the function's further keys in the manifest, a line each
   * @throws FileAlreadyExistsException if there is something in the directory
   */
  public void write(Source source, Path module, String function, String keys) throws IOException {
    requireNothing();
    String body = "    wasm: " + function + ".wasm\n" + keys.indent(4);
    text("millrace.yaml", manifest(source, function, body));
    text(".gitignore", ".millrace/\n");
    Files.copy(module, directory.resolve(function + ".wasm"));
  }

  private void requireNothing() throws IOException {
    if (Files.exists(directory)) {
      try (Stream<Path> entries = Files.list(directory)) {
        if (entries.findAny().isPresent()) {
          throw new FileAlreadyExistsException(directory.toString());
        }
      }
    }
    Files.createDirectories(directory);
  }

  private String manifest(Source source, String function, String body) throws IOException {
    return Resources.text(source.id() + ".yaml")
        .replace("@NAME@", name)
        .replace("@FUNCTION@", function)
        .replace("@BODY@\n", body);
  }

  private void text(String file, String text) throws IOException {
    Path target = directory.resolve(file);
    Files.createDirectories(target.getParent());
    Files.writeString(target, text);
  }
}
