package dev.millrace.worker.manifest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Every rule has a manifest that breaks it; what is then said, and where, is exact. */
class RulesTest {

  /** Rules that need more than a manifest's text; {@link ManifestReaderTest} breaks them. */
  private static final Set<Rule> ELSEWHERE =
      EnumSet.of(Rule.UNREADABLE, Rule.MODULE, Rule.UNGRANTED_IMPORT, Rule.EPHEMERAL_STORE);

  @TempDir static Path directory;

  private record Case(String title, String manifest, String found) {}

  @TestFactory
  Stream<DynamicTest> findsWhatIsWrong() throws IOException {
    Manifests manifests = manifests(directory);
    return cases().stream()
        .map(
            wrong ->
                DynamicTest.dynamicTest(
                    wrong.title(),
                    () ->
                        assertEquals(
                            wrong.found(),
                            String.join("\n", manifests.rendered(wrong.manifest())))));
  }

  @Test
  void everyRuleHasACase() throws IOException {
    String found = String.join("\n", cases().stream().map(Case::found).toList());
    for (Rule rule : EnumSet.complementOf(EnumSet.copyOf(ELSEWHERE))) {
      assertTrue(found.contains(" " + rule.id() + " "), "no case for " + rule.id());
    }
  }

  private static Manifests manifests(Path directory) {
    return new Manifests(directory).write("binary.txt", new byte[] {(byte) 0xff, 0});
  }

  private static List<Case> cases() throws IOException {
    try (InputStream in = RulesTest.class.getResourceAsStream("rules.txt")) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      List<String> parts = new ArrayList<>(Arrays.asList(text.split("(?m)^=== ", -1)));
      String preamble = parts.removeFirst();
      String base = preamble.substring(preamble.indexOf("\n%base\n") + 7).strip();
      return parts.stream().map(part -> parse(part, base)).toList();
    }
  }

  private static Case parse(String part, String base) {
    int titleEnd = part.indexOf('\n');
    // a manifest may have a document mark of its own, so the last one divides
    int divider = part.lastIndexOf("---\n");
    return new Case(
        part.substring(0, titleEnd),
        part.substring(titleEnd + 1, divider).replace("%base", base),
        part.substring(divider + 4).strip());
  }

  /**
   * Puts what is found now into {@code rules.txt}, the argument, after a change of wording; read
   * the difference before you keep it.
   */
  public static void main(String[] arguments) throws IOException {
    Path file = Path.of(arguments[0]);
    String text = Files.readString(file);
    Manifests manifests = manifests(Files.createTempDirectory("rules"));
    StringBuilder updated = new StringBuilder(text.substring(0, text.indexOf("=== ")));
    for (String part : text.substring(updated.length() + 4).split("(?m)^=== ", -1)) {
      int found = part.lastIndexOf("---\n") + 4;
      String base = updated.substring(updated.indexOf("\n%base\n") + 7, text.indexOf("=== "));
      updated
          .append("=== ")
          .append(part, 0, found)
          .append(String.join("\n", manifests.rendered(parse(part, base.strip()).manifest())))
          .append("\n\n");
    }
    Files.writeString(file, updated.toString().stripTrailing() + "\n");
  }
}
