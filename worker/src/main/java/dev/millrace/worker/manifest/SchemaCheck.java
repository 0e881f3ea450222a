package dev.millrace.worker.manifest;

import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import com.networknt.schema.path.NodePath;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/**
 * Validates the file against the schema and says in our own words what does not fit. Values with a
 * grammar of their own (durations, sizes, destinations) are left to those who read them, who know
 * more to say.
 */
final class SchemaCheck {

  private static final Schema SCHEMA =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
          .getSchema(ManifestSchema.json());

  private final Problems problems;

  SchemaCheck(Problems problems) {
    this.problems = problems;
  }

  void check(Node root) {
    for (Error error : SCHEMA.validate(Json.of(root))) {
      boolean detail = error.getEvaluationPath().toString().matches(".*/(oneOf|anyOf/[1-9])/.*");
      boolean grammar =
          error
              .getSchemaLocation()
              .toString()
              .matches(".*/\\$defs/(duration/.*|size/.*|destination/pattern)");
      if (!detail && !grammar) {
        report(error, Located.at(root, steps(error.getInstanceLocation())));
      }
    }
  }

  private void report(Error error, Located at) {
    Place place = at.place();
    switch (error.getKeyword()) {
      case "required" -> missing(error, at);
      case "type" -> wrongType(error, at);
      case "enum" ->
          problems.add(
              Rule.BAD_VALUE,
              at.value().position(),
              place
                  + " is "
                  + written(at)
                  + Suggestion.orOneOf(text(at), texts(error.getSchemaNode())));
      case "const" ->
          problems.add(
              Rule.WRONG_VERSION,
              at.value().position(),
              place
                  + " is "
                  + written(at)
                  + ", a format that this worker does not know; write 'millrace: 1'");
      case "minimum" -> range(at, "at least " + error.getSchemaNode().asString());
      case "maximum" -> range(at, "at most " + error.getSchemaNode().asString());
      case "minLength", "minItems" ->
          problems.add(
              Rule.BAD_VALUE,
              at.value().position(),
              place + " must not be empty; leave the key out if there is nothing to say");
      case "pattern" -> pattern(error, at);
      case "propertyNames" -> badName(at.then(error.getProperty()));
      case "oneOf" ->
          problems.add(Rule.EXACTLY_ONE_SOURCE, at.key(), place + " " + exactlyOne(sources(error)));
      case "minProperties", "maxProperties" -> one(at);
      default ->
          problems.add(Rule.BAD_VALUE, at.value().position(), place + ": " + error.getMessage());
    }
  }

  private void wrongType(Error error, Located at) {
    if (at.steps().equals(List.of("millrace"))) {
      return; // its constant is checked too, and says more
    }
    problems.add(
        Rule.WRONG_TYPE,
        at.value().position(),
        at.place() + " must be " + expected(error.getSchemaNode()) + ", not " + actual(at.value()));
  }

  private void missing(Error error, Located at) {
    String key = error.getProperty();
    if (at.steps().isEmpty()) {
      problems.add(
          Rule.MISSING_KEY, Position.START, "'millrace: 1' is missing; begin the manifest with it");
      return;
    }
    boolean anyOf = error.getEvaluationPath().toString().contains("/anyOf/");
    problems.add(
        Rule.MISSING_KEY,
        at.key(),
        at.place() + " needs '" + key + (anyOf ? "' or 'script'; add one" : "'; add it"));
  }

  private void range(Located at, String bound) {
    problems.add(
        Rule.IMPOSSIBLE_LIMIT,
        at.value().position(),
        at.place() + " is " + text(at) + "; it must be " + bound);
  }

  private void pattern(Error error, Located at) {
    problems.add(
        Rule.BAD_VALUE,
        at.value().position(),
        at.place() + " is " + written(at) + "; it must be " + form(error));
  }

  private void badName(Located named) {
    boolean extension = named.steps().contains("extensions");
    problems.add(
        Rule.BAD_NAME,
        named.key(),
        named.place()
            + " has a name that cannot be; use "
            + (extension
                ? "lower-case letters and digits, as CloudEvents has it"
                : "letters, digits, '_', '-' and '.', a letter or digit first, at most 64 of them"));
  }

  /** What a pattern of the schema stands for, in words. */
  private static String form(Error error) {
    return switch (error.getSchemaNode().asString()) {
      case "^(store|none)$" -> "store, none, or { to: DESTINATION }";
      case "^[A-Za-z0-9._-]{1,249}$" -> "a topic's name, of letters, digits, '.', '_' and '-'";
      default -> "letters, digits, '_', '-' and '.', a letter or digit first, at most 64 of them";
    };
  }

  private void one(Located at) {
    List<String> kinds =
        at.steps().getFirst().equals("secrets")
            ? List.of("env", "file")
            : List.of("kafka", "redis");
    problems.add(Rule.EXACTLY_ONE_OF, at.key(), at.place() + " " + exactlyOne(kinds));
  }

  private static List<String> sources(Error error) {
    return error
        .getSchemaNode()
        .valueStream()
        .map(alternative -> alternative.path("required").path(0).asString())
        .toList();
  }

  private static String exactlyOne(List<String> keys) {
    return "must have exactly one of " + String.join(", ", keys);
  }

  private static String expected(JsonNode type) {
    List<String> types = texts(type);
    if (types.containsAll(List.of("string", "number", "boolean"))) {
      return types.contains("object") ? "a single value or { secret: NAME }" : "a single value";
    }
    return types.stream().map(SchemaCheck::phrase).collect(Collectors.joining(" or "));
  }

  /** What stands there, a short text with its words; what a variable brought may be a secret. */
  private static String actual(Node node) {
    return node instanceof Node.Scalar scalar
            && scalar.type() == Node.Type.STRING
            && !scalar.expanded()
            && scalar.text().length() <= 40
        ? "the text '" + scalar.text() + "'"
        : node.phrase();
  }

  private static String phrase(String type) {
    return switch (type) {
      case "string" -> "a text";
      case "integer" -> "a whole number";
      case "number" -> "a number";
      case "boolean" -> "true or false";
      case "array" -> "a list";
      default -> "a map";
    };
  }

  private static List<String> texts(JsonNode values) {
    return values.isArray()
        ? values.valueStream().map(JsonNode::asString).toList()
        : List.of(values.asString());
  }

  private static String text(Located at) {
    return at.value() instanceof Node.Scalar scalar ? scalar.text() : at.value().phrase();
  }

  private static String written(Located at) {
    return at.value() instanceof Node.Scalar scalar
        ? "'" + scalar.text() + "'"
        : at.value().phrase();
  }

  private static List<String> steps(NodePath path) {
    List<String> steps = new ArrayList<>();
    for (int i = 0; i < path.getNameCount(); i++) {
      steps.add(String.valueOf(path.getElement(i)));
    }
    return steps;
  }

  /** A node found by its path. */
  private record Located(List<String> steps, Position key, Node value) {

    static Located at(Node root, List<String> steps) {
      Located located = new Located(List.of(), Position.START, root);
      for (String step : steps) {
        located = located.then(step);
      }
      return located;
    }

    Located then(String step) {
      List<String> longer = new ArrayList<>(steps);
      longer.add(step);
      return switch (value) {
        case Node.Mapping mapping -> {
          Optional<Node.Entry> entry = mapping.entry(step);
          yield new Located(
              longer,
              entry.map(Node.Entry::position).orElse(mapping.position()),
              entry.map(Node.Entry::value).orElse(mapping));
        }
        case Node.Sequence sequence -> {
          Node item = sequence.items().get(Integer.parseInt(step));
          yield new Located(longer, item.position(), item);
        }
        case Node.Scalar scalar -> this;
      };
    }

    Place place() {
      return new Place(steps);
    }
  }
}
