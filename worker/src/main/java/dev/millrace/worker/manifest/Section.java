package dev.millrace.worker.manifest;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A map of the manifest beside its schema. It hands out values by key, the schema's default where
 * the file says nothing or where the schema check has already reported what it says; so reading
 * goes on to the end whatever the file looks like. Asking for a key that the schema does not list
 * is a bug and throws.
 */
final class Section {

  private final Problems problems;
  private final Shape shape;
  private final Place place;
  private final Position position;
  private final Node.@Nullable Mapping mapping;

  private Section(
      Problems problems, Shape shape, Place place, Position position, @Nullable Node node) {
    this.problems = problems;
    this.shape = shape;
    this.place = place;
    this.position = position;
    this.mapping = node instanceof Node.Mapping map ? map : null;
  }

  static Section root(Node root, Shape shape, Problems problems) {
    return new Section(problems, shape, Place.ROOT, root.position(), root);
  }

  /** Where this section's key stands. */
  Position position() {
    return position;
  }

  /** The file that this stands in, as the user named it. */
  String file() {
    return problems.source().file();
  }

  Place place() {
    return place;
  }

  /** The last step of the place: the name that the user gave, where this is a named thing. */
  String name() {
    return place.steps().getLast();
  }

  /** Where a key's value stands; this section's own position if the key is absent. */
  Position at(String key) {
    return node(key).map(Node::position).orElse(position);
  }

  void report(Rule rule, Position at, String message) {
    problems.add(rule, at, place.prefix() + message);
  }

  /** Reports a problem with a key's value: {@code function 'charge': limits.timeout …}. */
  void reportKey(Rule rule, String key, String message) {
    problems.add(rule, at(key), place.then(key) + " " + message);
  }

  /** Whether the file has this key. */
  boolean has(String key) {
    return node(key).isPresent();
  }

  /** A key's value as the file has it. */
  Optional<Node> node(String key) {
    shape(key);
    return mapping == null ? Optional.empty() : mapping.entry(key).map(Node.Entry::value);
  }

  /** A key's value as JSON, where any value fits. */
  Optional<JsonNode> json(String key) {
    return node(key).map(Json::of);
  }

  /** A key's map; one without entries if the file has none. */
  Section section(String key) {
    Node.@Nullable Entry entry = mapping == null ? null : mapping.entries().get(key);
    return new Section(
        problems,
        shape(key),
        place.then(key),
        entry == null ? position : entry.position(),
        entry == null ? null : entry.value());
  }

  /** A key's map, if the file has one and a map fits. */
  Optional<Section> ifMap(String key) {
    return node(key)
        .filter(node -> node instanceof Node.Mapping && shape(key).allows("object"))
        .map(present -> section(key));
  }

  /** This section's keys as sections, where the keys are the user's names. */
  List<Section> named() {
    return keys().stream().map(this::section).toList();
  }

  /** The keys that the file has here, in its order. */
  List<String> keys() {
    return mapping == null ? List.of() : List.copyOf(mapping.entries().keySet());
  }

  /** The maps in a list. */
  List<Section> items(String key) {
    Section list = section(key);
    List<Section> items = new ArrayList<>();
    if (node(key).orElse(null) instanceof Node.Sequence sequence) {
      for (int i = 0; i < sequence.items().size(); i++) {
        Node item = sequence.items().get(i);
        items.add(
            new Section(
                problems,
                list.shape.items().orElseThrow(),
                list.place.then(String.valueOf(i)),
                item.position(),
                item));
      }
    }
    return items;
  }

  /** The single value of a key, of a type that fits. */
  Optional<Node.Scalar> scalar(String key) {
    return node(key)
        .filter(Node.Scalar.class::isInstance)
        .map(Node.Scalar.class::cast)
        .filter(scalar -> shape(key).allows(scalar.type()));
  }

  /** A text, or the default if there is one. */
  Optional<String> text(String key) {
    return scalar(key).map(Node.Scalar::text).or(() -> shape(key).defaultText());
  }

  /** A text that has a default. */
  String textOrDefault(String key) {
    return text(key).orElseThrow(() -> noDefault(key));
  }

  /** The single values of a list, with their places. */
  List<Node.Scalar> scalars(String key) {
    List<Node.Scalar> texts = new ArrayList<>();
    if (node(key).orElse(null) instanceof Node.Sequence sequence) {
      for (Node item : sequence.items()) {
        if (item instanceof Node.Scalar scalar && scalar.type() == Node.Type.STRING) {
          texts.add(scalar);
        }
      }
    }
    return texts;
  }

  /** The texts of a list. */
  List<String> texts(String key) {
    return scalars(key).stream().map(Node.Scalar::text).toList();
  }

  /** A map from names to single values, as the texts that the file has. */
  Map<String, String> textMap(String key) {
    Section map = section(key);
    Map<String, String> texts = new LinkedHashMap<>();
    for (String name : map.keys()) {
      map.scalar(name).ifPresent(scalar -> texts.put(name, scalar.text()));
    }
    return texts;
  }

  boolean flag(String key) {
    return Boolean.parseBoolean(textOrDefault(key));
  }

  /** A whole number within the schema's bounds. */
  Optional<Integer> number(String key) {
    return decimal(key)
        .filter(number -> number.stripTrailingZeros().scale() <= 0)
        .map(BigDecimal::intValueExact)
        .or(() -> shape(key).defaultText().map(Integer::valueOf));
  }

  /** The whole numbers of a list that are within the schema's bounds. */
  List<Integer> numbers(String key) {
    Shape items = shape(key).items().orElseThrow(() -> noDefault(key));
    List<Integer> numbers = new ArrayList<>();
    if (node(key).orElse(null) instanceof Node.Sequence sequence) {
      for (Node item : sequence.items()) {
        JsonNode json =
            item instanceof Node.Scalar scalar ? ScalarTypes.json(scalar) : Json.of(item);
        if (json.isIntegralNumber() && items.hasInRange(json.decimalValue())) {
          numbers.add(json.intValue());
        }
      }
    }
    return numbers;
  }

  int numberOrDefault(String key) {
    return number(key).orElseThrow(() -> noDefault(key));
  }

  double decimalOrDefault(String key) {
    return decimal(key)
        .map(BigDecimal::doubleValue)
        .orElseGet(() -> Double.valueOf(textOfDefault(key)));
  }

  /** A time span; one that cannot be read is reported. */
  Optional<Duration> duration(String key) {
    Optional<Duration> fallback = shape(key).defaultText().map(DurationText::parse);
    Optional<Node.Scalar> scalar = single(key, Rule.BAD_DURATION, "a duration such as 30s");
    if (scalar.isEmpty()) {
      return fallback;
    }
    try {
      return Optional.of(DurationText.parse(scalar.get().text()));
    } catch (IllegalArgumentException e) {
      problems.add(Rule.BAD_DURATION, at(key), place.then(key) + ": " + e.getMessage());
      return fallback;
    }
  }

  Duration durationOrDefault(String key) {
    return duration(key).orElseThrow(() -> noDefault(key));
  }

  /** A number of bytes between two bounds; one that cannot be read is reported. */
  long bytes(String key, long least, long most) {
    long fallback = DataSize.parse(textOfDefault(key)).bytes();
    Optional<Node.Scalar> scalar = single(key, Rule.BAD_SIZE, "a size such as 64Ki");
    if (scalar.isEmpty()) {
      return fallback;
    }
    try {
      long bytes = DataSize.parse(scalar.get().text()).bytes();
      if (bytes >= least && bytes <= most) {
        return bytes;
      }
      String bound =
          bytes < least ? "at least " + new DataSize(least) : "at most " + new DataSize(most);
      reportKey(Rule.IMPOSSIBLE_LIMIT, key, "is " + scalar.get().text() + "; it must be " + bound);
    } catch (IllegalArgumentException e) {
      problems.add(Rule.BAD_SIZE, at(key), place.then(key) + ": " + e.getMessage());
    }
    return fallback;
  }

  /** One of an enum's constants, which the file writes in lower case. */
  <E extends Enum<E>> Optional<E> choice(String key, Class<E> type) {
    return scalar(key)
        .flatMap(scalar -> constant(type, scalar.text()))
        .or(() -> shape(key).defaultText().flatMap(text -> constant(type, text)));
  }

  <E extends Enum<E>> E choiceOrDefault(String key, Class<E> type) {
    return choice(key, type).orElseThrow(() -> noDefault(key));
  }

  /** Any single value, whose text has a grammar of its own; a list or a map is reported. */
  private Optional<Node.Scalar> single(String key, Rule rule, String expected) {
    Optional<Node> node = node(key);
    if (node.isPresent() && !(node.get() instanceof Node.Scalar)) {
      reportKey(rule, key, "must be " + expected + ", not " + node.get().phrase());
      return Optional.empty();
    }
    return node.map(Node.Scalar.class::cast);
  }

  /** A number within the schema's bounds. */
  private Optional<BigDecimal> decimal(String key) {
    return node(key)
        .filter(Node.Scalar.class::isInstance)
        .map(node -> ScalarTypes.json((Node.Scalar) node))
        .filter(JsonNode::isNumber)
        .map(JsonNode::decimalValue)
        .filter(shape(key)::hasInRange);
  }

  private String textOfDefault(String key) {
    return shape(key).defaultText().orElseThrow(() -> noDefault(key));
  }

  private static <E extends Enum<E>> Optional<E> constant(Class<E> type, String text) {
    for (E constant : type.getEnumConstants()) {
      if (constant.name().toLowerCase(Locale.ROOT).equals(text)) {
        return Optional.of(constant);
      }
    }
    return Optional.empty();
  }

  private Shape shape(String key) {
    return shape
        .property(key)
        .orElseThrow(() -> new IllegalStateException("the schema has no " + place.then(key)));
  }

  private IllegalStateException noDefault(String key) {
    return new IllegalStateException("the schema has no default for " + place.then(key));
  }
}
