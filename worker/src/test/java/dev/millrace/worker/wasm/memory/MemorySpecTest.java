package dev.millrace.worker.wasm.memory;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.TestFactory;

/**
 * What the WebAssembly specification says of memories, as scripts of our own beside {@code
 * memory-spec/build.sh}, which compiles them.
 *
 * <p>{@code -Dmillrace.testsuite=DIR} runs the scripts of a directory instead: the specification's
 * own suite, converted file by file by {@code wast2json}.
 */
class MemorySpecTest {

  @TestFactory
  Stream<DynamicContainer> memoriesBehaveAsSpecified() throws IOException, URISyntaxException {
    return scripts().stream()
        .map(
            script -> {
              try {
                return DynamicContainer.dynamicContainer(
                    script.getFileName().toString(), WastScript.testsOf(script));
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
  }

  private static List<Path> scripts() throws IOException, URISyntaxException {
    String suite = System.getProperty("millrace.testsuite");
    Path directory =
        suite == null
            ? Path.of(MemorySpecTest.class.getResource("memory-spec").toURI())
            : Path.of(suite);
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> file.toString().endsWith(".json")).sorted().toList();
    }
  }
}
