package dev.millrace.worker.manifest;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A piece of the manifest that knows where it stands. Immutable. */
sealed interface Node {

  /** Where the value begins. */
  Position position();

  /** How many nodes this is when every alias is written out; at most {@link Integer#MAX_VALUE}. */
  int weight();

  /**
   * A single value.
   *
   * @param text as the file has it, quotes and escapes resolved
   * @param type what YAML's core schema takes it for
   * @param expanded whether variables were put in, so that the type is what the key asks for
   */
  record Scalar(Position position, String text, Type type, boolean expanded) implements Node {
    @Override
    public int weight() {
      return 1;
    }
  }

  /** The types of single values. */
  enum Type {
    STRING("a text"),
    INTEGER("a whole number"),
    NUMBER("a number"),
    BOOLEAN("true or false"),
    NULL("empty");

    private final String phrase;

    Type(String phrase) {
      this.phrase = phrase;
    }

    String phrase() {
      return phrase;
    }
  }

  /** A list. */
  record Sequence(Position position, List<Node> items, int weight) implements Node {
    static Sequence of(Position position, List<Node> items) {
      int weight = 1;
      for (Node item : items) {
        weight = saturated(weight, item.weight());
      }
      return new Sequence(position, List.copyOf(items), weight);
    }
  }

  /** A map in the file's order. */
  record Mapping(Position position, Map<String, Entry> entries, int weight) implements Node {
    static Mapping of(Position position, Map<String, Entry> entries) {
      int weight = 1;
      for (Entry entry : entries.values()) {
        weight = saturated(weight, entry.value().weight());
      }
      return new Mapping(
          position, Collections.unmodifiableMap(new LinkedHashMap<>(entries)), weight);
    }

    Optional<Entry> entry(String key) {
      @Nullable Entry entry = entries.get(key);
      return Optional.ofNullable(entry);
    }
  }

  /**
   * A key and its value.
   *
   * @param position where the key stands
   */
  record Entry(Position position, Node value) {}

  /** What a reader calls this: {@code a list}. */
  default String phrase() {
    return switch (this) {
      case Scalar scalar -> scalar.type().phrase();
      case Sequence sequence -> "a list";
      case Mapping mapping -> "a map";
    };
  }

  private static int saturated(int a, int b) {
    return (int) Math.min(Integer.MAX_VALUE, (long) a + b);
  }
}
