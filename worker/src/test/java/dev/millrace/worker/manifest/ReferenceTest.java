package dev.millrace.worker.manifest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** {@code docs/manifest.md} says of every key and rule what the schema and the code say. */
class ReferenceTest {

  private static final Path FILE =
      Path.of(System.getProperty("basedir", "worker"), "..", "docs", "manifest.md");
  private static final String BEGIN = "<!-- generated: keys and rules -->\n";
  private static final String END = "<!-- end of generated -->\n";

  private static final JsonNode SCHEMA = ManifestSchema.json();

  /** Titles of the maps that have a section of their own, by the schema's name for them. */
  private static final Map<String, String> SECTIONS = new LinkedHashMap<>();

  static {
    SECTIONS.put("app", "app");
    SECTIONS.put("store", "store");
    SECTIONS.put("admin", "admin");
    SECTIONS.put("secret", "secrets.NAME");
    SECTIONS.put("connection", "connections.NAME");
    SECTIONS.put("keyValueStore", "kv.NAME");
    SECTIONS.put("function", "functions.NAME");
    SECTIONS.put("build", "functions.NAME.build");
    SECTIONS.put("limits", "functions.NAME.limits");
    SECTIONS.put("allow", "functions.NAME.allow");
    SECTIONS.put("breaker", "functions.NAME.breaker");
    SECTIONS.put("retryBudget", "functions.NAME.retry_budget");
    SECTIONS.put("trigger", "triggers.NAME");
    SECTIONS.put("kafkaSource", "triggers.NAME.kafka");
    SECTIONS.put("redisSource", "triggers.NAME.redis");
    SECTIONS.put("cronSource", "triggers.NAME.cron");
    SECTIONS.put("retry", "triggers.NAME.retry");
    SECTIONS.put("tries", "triggers.NAME.retry.on.FAILURE");
    SECTIONS.put("backoff", "triggers.NAME.retry.backoff");
    SECTIONS.put("dedupe", "triggers.NAME.dedupe");
    SECTIONS.put("test", "tests[]");
    SECTIONS.put("testEvent", "tests[].event");
    SECTIONS.put("mocks", "tests[].mocks");
    SECTIONS.put("expect", "tests[].expect");
    SECTIONS.put("dev", "dev");
    SECTIONS.put("feed", "dev.events[]");
  }

  @TempDir Path directory;

  @Test
  void theDocumentHasEveryKeyAndRule() throws IOException {
    String document = Files.readString(FILE);

    assertEquals(
        BEGIN + generated(),
        document.substring(document.indexOf(BEGIN), document.indexOf(END)),
        "run this class's main to write it anew");
  }

  @Test
  void everyMapOfTheSchemaHasASection() {
    for (Map.Entry<String, JsonNode> definition : SCHEMA.get("$defs").properties()) {
      assertEquals(
          definition.getValue().has("properties") && !definition.getKey().equals("value"),
          SECTIONS.containsKey(definition.getKey()),
          definition.getKey());
    }
  }

  @Test
  void itsExamplesLoad() throws IOException {
    Matcher examples =
        Pattern.compile("```yaml\n(millrace: 1\n.*?)```", Pattern.DOTALL)
            .matcher(Files.readString(FILE));
    Manifests manifests = new Manifests(directory);
    int found = 0;
    while (examples.find()) {
      manifests.load(examples.group(1));
      found++;
    }
    assertTrue(found >= 1);
  }

  /** Writes the generated part of the document. */
  public static void main(String[] arguments) throws IOException {
    String document = Files.readString(FILE);
    Files.writeString(
        FILE,
        document.substring(0, document.indexOf(BEGIN))
            + BEGIN
            + generated()
            + document.substring(document.indexOf(END)));
  }

  private static String generated() {
    StringBuilder text = new StringBuilder("\n### The whole\n\n");
    table(SCHEMA, text);
    SECTIONS.forEach(
        (definition, title) -> {
          JsonNode section = SCHEMA.get("$defs").get(definition);
          text.append("\n### ").append(title).append("\n\n");
          text.append(section.get("description").asString()).append("\n\n");
          table(section, text);
        });
    text.append("\n## Rules\n\n");
    text.append("| rule | a manifest without a problem | severity |\n|---|---|---|\n");
    for (Rule rule : Rule.values()) {
      text.append("| `%s` | %s | %s |\n".formatted(rule.id(), rule.sentence(), severity(rule)));
    }
    return text.append('\n').toString();
  }

  private static String severity(Rule rule) {
    return rule.severity() == Severity.ERROR ? "error" : "warning";
  }

  private static void table(JsonNode map, StringBuilder text) {
    text.append("| key | value | default | meaning |\n|---|---|---|---|\n");
    rows("", map, text);
  }

  private static void rows(String prefix, JsonNode map, StringBuilder text) {
    List<String> required = new ArrayList<>();
    map.path("required").forEach(key -> required.add(key.asString()));
    for (Map.Entry<String, JsonNode> entry : map.get("properties").properties()) {
      JsonNode schema = entry.getValue();
      String name = prefix + entry.getKey();
      JsonNode inside = inside(schema);
      text.append(
          "| `%s` | %s | %s | %s |\n"
              .formatted(
                  name,
                  value(schema),
                  required.contains(entry.getKey()) ? "required" : defaultOf(schema),
                  keyword(schema, "description").asString().replace("|", "\\|")));
      if (inside != null) {
        rows(name + (schema.has("properties") ? "." : "[]."), inside, text);
      }
    }
  }

  /** A map that has no section of its own: the schema itself, or that of a list's items. */
  private static JsonNode inside(JsonNode schema) {
    if (schema.has("properties")) {
      return schema;
    }
    return schema.path("items").has("properties") ? schema.get("items") : null;
  }

  private static String defaultOf(JsonNode schema) {
    return schema.has("default") ? "`" + schema.get("default").asString() + "`" : "";
  }

  private static String value(JsonNode schema) {
    String definition = schema.path("$ref").asString("").replace("#/$defs/", "");
    if (SECTIONS.containsKey(definition)) {
      return "[map](#" + anchor(SECTIONS.get(definition)) + ")";
    }
    if (definition.equals("value")) {
      return "text or `{ secret: NAME }`";
    }
    if (definition.equals("scalar")) {
      return "text";
    }
    if (!definition.isEmpty()) {
      return definition;
    }
    if (schema.has("const")) {
      return "`" + schema.get("const").asString() + "`";
    }
    if (schema.has("enum")) {
      return String.join(
          ", ", schema.get("enum").valueStream().map(each -> "`" + each.asString() + "`").toList());
    }
    return type(schema);
  }

  private static String type(JsonNode schema) {
    JsonNode type = schema.path("type");
    if (type.isMissingNode()) {
      return "anything";
    }
    List<String> names = new ArrayList<>();
    (type.isArray() ? type : List.of(type))
        .forEach(
            each ->
                names.add(
                    switch (each.asString()) {
                      case "string" -> "text";
                      case "integer" -> "whole number" + range(schema);
                      case "number" -> "number" + range(schema);
                      case "boolean" -> "`true`, `false`";
                      case "array" -> "list" + of(schema.path("items"));
                      default -> "map" + of(schema.path("additionalProperties"));
                    }));
    return String.join(" or ", names);
  }

  private static String of(JsonNode element) {
    return element.isObject() ? " of " + value(element) : "";
  }

  private static String range(JsonNode schema) {
    return schema.has("minimum")
        ? " %s–%s".formatted(schema.get("minimum").asString(), schema.get("maximum").asString())
        : "";
  }

  private static JsonNode keyword(JsonNode schema, String keyword) {
    return schema.has(keyword)
        ? schema.get(keyword)
        : SCHEMA.at(schema.path("$ref").asString().substring(1)).get(keyword);
  }

  /** The anchor that a heading gets. */
  private static String anchor(String heading) {
    return heading.toLowerCase(java.util.Locale.ROOT).replaceAll("[^a-z0-9_-]", "");
  }
}
