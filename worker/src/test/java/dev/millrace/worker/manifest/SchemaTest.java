package dev.millrace.worker.manifest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The schema is valid, and says of the manifest what the records say. */
class SchemaTest {

  private static final JsonNode SCHEMA = ManifestSchema.json();

  @TempDir Path directory;

  @Test
  void conformsToItsMetaSchema() {
    var metaSchema =
        SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
            .getSchema(SchemaLocation.of(SCHEMA.get("$schema").asString()));

    assertEquals(List.of(), metaSchema.validate(SCHEMA));
  }

  @Test
  void describesEveryKey() {
    for (Map.Entry<String, JsonNode> key : listedKeys().entrySet()) {
      assertFalse(resolved(key.getValue(), "description").isEmpty(), key.getKey());
    }
  }

  @Test
  void everyMapEitherListsItsKeysOrLeavesThemToTheUser() {
    for (JsonNode map : SCHEMA.findParents("properties")) {
      if (map.get("properties").isObject() && map.has("type")) {
        assertTrue(
            map.path("additionalProperties").isBoolean()
                && !map.get("additionalProperties").asBoolean(),
            () -> map.get("properties").toString());
      }
    }
  }

  @Test
  void theWholeManifestHasEveryKey() {
    Set<String> used = new TreeSet<>();
    occurrences(whole(), SCHEMA, "#", List.of(), new LinkedHashSet<>(), used);

    assertEquals(listedKeys().keySet(), used);
  }

  /**
   * Takes one key after the other out of the whole manifest: what is read must then be another.
   * That no key is read beside those of the schema is certain, as {@link Section} throws.
   */
  @Test
  void everyKeyIsBound() {
    Manifests manifests = new Manifests(directory);
    Set<List<String>> paths = new LinkedHashSet<>();
    occurrences(whole(), SCHEMA, "#", List.of(), paths, new TreeSet<>());
    String all = described(manifests.read(whole().toString()));

    for (List<String> path : paths) {
      JsonNode without = whole();
      remove(without, path);
      assertNotEquals(
          all, described(manifests.read(without.toString())), () -> path + " is not read");
    }
    assertTrue(paths.size() > 100, "the search found " + paths.size() + " keys only");
  }

  @Test
  void askingForAKeyThatIsNotInTheSchemaIsABug() {
    Problems problems = new Problems(SourceText.of("millrace.yaml", "millrace: 1"));
    Node root = YamlReader.read(problems).orElseThrow();
    Section section = Section.root(root, Shape.root(SCHEMA), problems);

    assertThrows(IllegalStateException.class, () -> section.section("app").text("nmae"));
  }

  private static JsonNode whole() {
    Problems problems = new Problems(SourceText.of("whole.yaml", Manifests.whole()));
    return Json.of(YamlReader.read(problems).orElseThrow());
  }

  /** Every key that the schema lists, by its pointer, with its schema. */
  static Map<String, JsonNode> listedKeys() {
    Map<String, JsonNode> keys = new TreeMap<>();
    collect(SCHEMA, "#", keys);
    return keys;
  }

  private static void collect(JsonNode schema, String pointer, Map<String, JsonNode> keys) {
    schema
        .path("properties")
        .propertyStream()
        .forEach(
            entry -> {
              String key = pointer + "/properties/" + entry.getKey();
              keys.put(key, entry.getValue());
              collect(entry.getValue(), key, keys);
            });
    schema
        .path("$defs")
        .propertyStream()
        .forEach(entry -> collect(entry.getValue(), "#/$defs/" + entry.getKey(), keys));
    if (schema.path("items").isObject()) {
      collect(schema.get("items"), pointer + "/items", keys);
    }
    if (schema.path("additionalProperties").isObject()) {
      collect(schema.get("additionalProperties"), pointer + "/additionalProperties", keys);
    }
  }

  private static String resolved(JsonNode schema, String keyword) {
    JsonNode own = schema.path(keyword);
    return own.isMissingNode() && schema.has("$ref")
        ? SCHEMA.at(schema.get("$ref").asString().substring(1)).path(keyword).asString("")
        : own.asString("");
  }

  /** Finds where a document has keys that the schema lists. */
  private static void occurrences(
      JsonNode value,
      JsonNode schema,
      String pointer,
      List<String> path,
      Set<List<String>> paths,
      Set<String> used) {
    if (schema.has("$ref")) {
      String target = schema.get("$ref").asString();
      occurrences(value, SCHEMA.at(target.substring(1)), target, path, paths, used);
      return;
    }
    if (value.isObject()) {
      for (Map.Entry<String, JsonNode> entry : value.properties()) {
        List<String> longer = plus(path, entry.getKey());
        JsonNode listed = schema.path("properties").path(entry.getKey());
        if (!listed.isMissingNode()) {
          String key = pointer + "/properties/" + entry.getKey();
          used.add(key);
          paths.add(longer);
          occurrences(entry.getValue(), listed, key, longer, paths, used);
        } else if (schema.path("additionalProperties").isObject()) {
          occurrences(
              entry.getValue(),
              schema.get("additionalProperties"),
              pointer + "/additionalProperties",
              longer,
              paths,
              used);
        }
      }
    } else if (value.isArray() && schema.has("items")) {
      for (int i = 0; i < value.size(); i++) {
        List<String> longer = plus(path, String.valueOf(i));
        occurrences(value.get(i), schema.get("items"), pointer + "/items", longer, paths, used);
      }
    }
  }

  private static List<String> plus(List<String> path, String step) {
    String[] longer = path.toArray(new String[path.size() + 1]);
    longer[path.size()] = step;
    return List.of(longer);
  }

  private static void remove(JsonNode document, List<String> path) {
    JsonNode parent = document;
    for (String step : path.subList(0, path.size() - 1)) {
      parent =
          parent instanceof ArrayNode list ? list.get(Integer.parseInt(step)) : parent.get(step);
    }
    ((ObjectNode) parent).remove(path.getLast());
  }

  private static String described(ManifestResult result) {
    // positions differ when a key is taken out of one long line; they are not what is compared
    Object problems = result.problems().stream().map(Problem::message).toList();
    return result instanceof ManifestResult.Loaded loaded
        ? describe(loaded.manifest()) + problems
        : "invalid " + problems;
  }

  /** A value with all that is in it; records alone would compare arrays by identity. */
  private static String describe(Object value) {
    if (value instanceof byte[] bytes) {
      return Arrays.toString(bytes);
    }
    if (value instanceof Optional<?> optional) {
      return optional.map(SchemaTest::describe).orElse("-");
    }
    if (value instanceof List<?> list) {
      return list.stream().map(SchemaTest::describe).toList().toString();
    }
    if (value instanceof Map<?, ?> map) {
      Map<String, String> sorted = new TreeMap<>();
      map.forEach((key, each) -> sorted.put(key.toString(), describe(each)));
      return sorted.toString();
    }
    if (value instanceof Record record) {
      StringBuilder text = new StringBuilder(record.getClass().getSimpleName());
      for (RecordComponent component : record.getClass().getRecordComponents()) {
        try {
          component.getAccessor().setAccessible(true);
          text.append(' ').append(describe(component.getAccessor().invoke(record)));
        } catch (ReflectiveOperationException e) {
          throw new LinkageError(component.getName(), e);
        }
      }
      return text.append(';').toString();
    }
    return value instanceof Set<?> set
        ? set.stream().map(SchemaTest::describe).sorted().toList().toString()
        : String.valueOf(value);
  }
}
