package dev.millrace.worker.manifest;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Puts the environment's values in for {@code ${NAME}} and {@code ${NAME:-default}}, in single
 * values only: never in keys, and never so that it could change the file's structure. As in a
 * shell, the default also stands in for a variable that is empty.
 */
final class Variables {

  // an escape; or a reference with what is inside; or one that does not end
  private static final Pattern REFERENCE = Pattern.compile("\\$\\$\\{|\\$\\{(?:([^}]*)\\})?");

  private static final Pattern INSIDE =
      Pattern.compile("([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?", Pattern.DOTALL);

  private final Map<String, String> environment;
  private final Problems problems;

  Variables(Map<String, String> environment, Problems problems) {
    this.environment = environment;
    this.problems = problems;
  }

  Node expand(Node node) {
    return switch (node) {
      case Node.Scalar scalar -> scalar.text().contains("${") ? expandText(scalar) : scalar;
      case Node.Sequence sequence -> {
        List<Node> items = new ArrayList<>();
        sequence.items().forEach(item -> items.add(expand(item)));
        yield Node.Sequence.of(sequence.position(), items);
      }
      case Node.Mapping mapping -> {
        Map<String, Node.Entry> entries = new LinkedHashMap<>();
        mapping
            .entries()
            .forEach(
                (key, entry) ->
                    entries.put(key, new Node.Entry(entry.position(), expand(entry.value()))));
        yield Node.Mapping.of(mapping.position(), entries);
      }
    };
  }

  private Node.Scalar expandText(Node.Scalar scalar) {
    StringBuilder text = new StringBuilder();
    Matcher reference = REFERENCE.matcher(scalar.text());
    Position from = scalar.position();
    boolean unknown = false;
    while (reference.find()) {
      Position at = problems.source().find(reference.group(), from);
      from = new Position(at.line(), at.column() + 1);
      @Nullable String value =
          reference.group().startsWith("$$") ? "${" : value(reference.group(1), at);
      unknown |= value == null;
      reference.appendReplacement(text, Matcher.quoteReplacement(value == null ? "" : value));
    }
    if (unknown) {
      problems.mute(scalar.position());
    }
    reference.appendTail(text);
    return new Node.Scalar(scalar.position(), text.toString(), Node.Type.STRING, true);
  }

  /** The value of a reference; {@code null} if it has none, which is then reported. */
  private @Nullable String value(@Nullable String inside, Position at) {
    Matcher parts = INSIDE.matcher(inside == null ? "" : inside);
    if (!parts.matches()) {
      problems.add(
          Rule.BAD_VARIABLE,
          at,
          "not a variable; write ${NAME} or ${NAME:-default}, or $${ for a literal ${");
      return null;
    }
    String name = parts.group(1);
    @Nullable String value = environment.get(name);
    @Nullable String fallback = parts.group(2);
    if (fallback != null) {
      return value == null || value.isEmpty() ? fallback : value;
    }
    if (value == null) {
      problems.add(
          Rule.UNDEFINED_VARIABLE,
          at,
          "variable '"
              + name
              + "' is not set"
              + Suggestion.among(name, environment.keySet())
              + "; set it, or give a default: ${"
              + name
              + ":-default}");
      return null;
    }
    return value;
  }
}
