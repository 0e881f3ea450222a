package dev.millrace.worker.manifest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A file with nothing but tests, beside the manifest. It is read as a manifest that has nothing
 * else, so that a test can be moved between the two as it stands.
 *
 * @param problems what is wrong with the file
 * @param root what it says; empty if it is no map
 */
record TestFile(Problems problems, Optional<Section> root) {

  private static final String TESTS = "tests";

  /** The files of tests of a manifest, by their names. */
  static List<Path> beside(Path manifest) {
    Path directory = manifest.resolveSibling(TESTS);
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(file -> file.getFileName().toString().endsWith(".yaml"))
          .filter(Files::isRegularFile)
          .sorted()
          .toList();
    } catch (IOException unreadable) {
      return List.of();
    }
  }

  static TestFile read(Problems problems, Map<String, String> environment, Shape shape) {
    Optional<Node> written = YamlReader.read(problems);
    if (written.isEmpty()) {
      return new TestFile(problems, Optional.empty());
    }
    if (!(written.get() instanceof Node.Mapping mapping)
        || mapping.entry(TESTS).isEmpty()
        || mapping.entries().size() != 1) {
      problems.add(
          Rule.SYNTAX,
          written.get().position(),
          "a file of tests is a map with the one key 'tests'; the manifest has the rest");
      return new TestFile(problems, Optional.empty());
    }
    Node version = new Node.Scalar(Position.START, "1", Node.Type.INTEGER, /* expanded= */ false);
    Node whole =
        Node.Mapping.of(
            mapping.position(),
            Map.of(
                "millrace",
                new Node.Entry(Position.START, version),
                TESTS,
                mapping.entry(TESTS).orElseThrow()));
    Node expanded = new Variables(environment, problems).expand(whole);
    Node root = new Alignment(problems).align(expanded, shape, Place.ROOT);
    new SchemaCheck(problems).check(root);
    return new TestFile(problems, Optional.of(Section.root(root, shape, problems)));
  }
}
