package dev.millrace.worker.manifest;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Lines the file up with the schema before it is validated: an unknown key is reported and, where
 * it is clear what was meant, read as that, so that one misspelling is one problem and not two; a
 * key without a value counts as absent; a value from a variable takes the type that its key asks
 * for.
 */
final class Alignment {

  private final Problems problems;

  Alignment(Problems problems) {
    this.problems = problems;
  }

  Node align(Node node, Shape shape, Place place) {
    return switch (node) {
      case Node.Scalar scalar -> typed(scalar, shape);
      case Node.Sequence sequence ->
          shape.items().map(items -> sequence(sequence, items, place)).orElse(sequence);
      case Node.Mapping mapping ->
          shape.open() || !shape.allows("object") ? mapping : mapping(mapping, shape, place);
    };
  }

  private Node sequence(Node.Sequence sequence, Shape items, Place place) {
    List<Node> aligned = new ArrayList<>();
    for (Node item : sequence.items()) {
      aligned.add(align(item, items, place.then(String.valueOf(aligned.size()))));
    }
    return Node.Sequence.of(sequence.position(), aligned);
  }

  private Node mapping(Node.Mapping mapping, Shape shape, Place place) {
    Map<String, Node.Entry> aligned = new LinkedHashMap<>();
    mapping
        .entries()
        .forEach(
            (written, entry) ->
                key(written, entry, mapping, shape, place)
                    .ifPresent(
                        key -> {
                          Shape value = shape.property(key).orElseThrow();
                          boolean absent =
                              shape.closed()
                                  && entry.value() instanceof Node.Scalar scalar
                                  && scalar.type() == Node.Type.NULL;
                          if (!absent) {
                            aligned.putIfAbsent(
                                key,
                                new Node.Entry(
                                    entry.position(),
                                    align(entry.value(), value, place.then(key))));
                          }
                        }));
    return Node.Mapping.of(mapping.position(), aligned);
  }

  /** The key that is meant; empty if that is not clear. */
  private Optional<String> key(
      String written, Node.Entry entry, Node.Mapping mapping, Shape shape, Place place) {
    if (shape.property(written).isPresent()) {
      return Optional.of(written);
    }
    Optional<String> meant = Suggestion.nearest(written, shape.keys());
    problems.add(
        Rule.UNKNOWN_KEY,
        entry.position(),
        place.prefix()
            + "unknown key '"
            + written
            + "'"
            + meant
                .map(key -> "; did you mean '" + key + "'?")
                .orElse("; known here: " + String.join(", ", shape.keys())));
    return meant.filter(key -> mapping.entry(key).isEmpty());
  }

  private static Node typed(Node.Scalar scalar, Shape shape) {
    if (!scalar.expanded() || shape.allows("string")) {
      return scalar;
    }
    Node.Type type = ScalarTypes.of(scalar.text());
    return new Node.Scalar(scalar.position(), scalar.text(), type, true);
  }
}
