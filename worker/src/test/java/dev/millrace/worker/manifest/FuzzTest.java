package dev.millrace.worker.manifest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Whatever is in the file, reading it ends with a manifest or with problems at places in it. */
class FuzzTest {

  private static final Schema SCHEMA =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
          .getSchema(ManifestSchema.json());

  private static final int RUNS = 300;

  private static final String[] TOKENS = {
    "\t",
    "\n",
    ": ",
    "- ",
    "{",
    "}",
    "[",
    "]",
    "\"",
    "'",
    "&a ",
    "*a",
    "!!int ",
    "${",
    "${X}",
    "$${",
    "|\n",
    "> ",
    "? ",
    "# ",
    "---\n",
    "...",
    "~",
    "\u0000",
    "\uFFFE",
    "\uD83D\uDE00",
    "%YAML 1.1\n",
    "@",
    "`",
    "0x1F",
    "-1",
    "1e999",
    ".inf",
    ".nan",
    "99999999999999999999",
    "true",
    "null",
    "\\",
    "/",
    "*"
  };

  @TempDir Path directory;

  @Test
  void mutilatedTextNeverThrows() {
    Manifests manifests = new Manifests(directory);
    byte[] whole = Manifests.whole().getBytes(StandardCharsets.UTF_8);
    for (int seed = 0; seed < RUNS; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      byte[] text = whole;
      for (int i = random.nextInt(1, 6); i > 0; i--) {
        text = mutilated(text, random);
      }
      check(manifests, text, seed);
    }
  }

  @Test
  void misplacedValuesNeverThrow() {
    Manifests manifests = new Manifests(directory);
    Problems problems = new Problems(SourceText.of("whole.yaml", Manifests.whole()));
    Node whole = YamlReader.read(problems).orElseThrow();
    for (int seed = 0; seed < RUNS; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      JsonNode document = Json.of(whole);
      for (int i = random.nextInt(1, 6); i > 0; i--) {
        misplace(document, random);
      }
      ManifestResult result =
          check(manifests, document.toPrettyString().getBytes(StandardCharsets.UTF_8), seed);
      // a key without a value counts as absent, which the schema alone does not know
      if (!document.toString().contains("null") && !SCHEMA.validate(document).isEmpty()) {
        assertInstanceOf(
            ManifestResult.Invalid.class,
            result,
            "seed " + seed + "\n" + document.toPrettyString());
      }
    }
  }

  private static ManifestResult check(Manifests manifests, byte[] text, int seed) {
    ManifestResult result;
    try {
      result = manifests.read(text);
    } catch (RuntimeException | StackOverflowError e) {
      throw new AssertionError("seed " + seed + "\n" + new String(text, StandardCharsets.UTF_8), e);
    }
    boolean errors =
        result.problems().stream().anyMatch(problem -> problem.severity() == Severity.ERROR);
    assertEquals(result instanceof ManifestResult.Invalid, errors, () -> "seed " + seed);
    for (Problem problem : result.problems()) {
      String rendered = problem.render();
      assertTrue(problem.line() >= 1 && problem.column() >= 1, () -> "seed " + seed + rendered);
      assertFalse(rendered.contains("\u0000"), () -> "seed " + seed + rendered);
    }
    return result;
  }

  private static byte[] mutilated(byte[] text, SplittableRandom random) {
    int at = random.nextInt(text.length + 1);
    int length = Math.min(random.nextInt(1, 40), text.length - at);
    byte[] before = Arrays.copyOf(text, at);
    byte[] piece = Arrays.copyOfRange(text, at, at + length);
    byte[] after = Arrays.copyOfRange(text, at + length, text.length);
    return switch (random.nextInt(5)) {
      case 0 -> joined(before, after);
      case 1 -> joined(before, piece, piece, after);
      case 2 -> joined(before, new byte[] {(byte) random.nextInt(256)}, piece, after);
      case 3 -> joined(before, token(random), piece, after);
      default -> joined(before, token(random), after);
    };
  }

  private static byte[] token(SplittableRandom random) {
    return TOKENS[random.nextInt(TOKENS.length)].getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] joined(byte[]... parts) {
    int length = 0;
    for (byte[] part : parts) {
      length += part.length;
    }
    byte[] all = new byte[length];
    int at = 0;
    for (byte[] part : parts) {
      System.arraycopy(part, 0, all, at, part.length);
      at += part.length;
    }
    return all;
  }

  /** Replaces, removes or moves one value somewhere in the document, or renames its key. */
  private static void misplace(JsonNode document, SplittableRandom random) {
    List<JsonNode> containers = new ArrayList<>();
    collect(document, containers);
    JsonNode container = containers.get(random.nextInt(containers.size()));
    JsonNode value = value(containers, random);
    if (container instanceof ObjectNode map && !map.isEmpty()) {
      List<String> keys = new ArrayList<>(map.propertyNames());
      String key = keys.get(random.nextInt(keys.size()));
      switch (random.nextInt(4)) {
        case 0 -> map.remove(key);
        case 1 -> map.set(key + random.nextInt(3), map.get(key));
        case 2 -> map.set(keys.get(random.nextInt(keys.size())), map.get(key).deepCopy());
        default -> map.set(key, value);
      }
    } else if (container instanceof ArrayNode list && !list.isEmpty()) {
      list.set(random.nextInt(list.size()), value);
    }
  }

  private static JsonNode value(List<JsonNode> containers, SplittableRandom random) {
    JsonNodeFactory json = JsonNodeFactory.instance;
    return switch (random.nextInt(8)) {
      case 0 -> json.nullNode();
      case 1 -> json.numberNode(random.nextLong());
      case 2 -> json.numberNode(random.nextInt(-2, 3));
      case 3 -> json.booleanNode(random.nextBoolean());
      case 4 -> json.stringNode(TOKENS[random.nextInt(TOKENS.length)]);
      case 5 -> json.arrayNode();
      case 6 -> json.objectNode();
      default -> containers.get(random.nextInt(containers.size())).deepCopy();
    };
  }

  private static void collect(JsonNode node, List<JsonNode> containers) {
    if (node.isContainer()) {
      containers.add(node);
      node.forEach(child -> collect(child, containers));
    }
  }
}
