package dev.millrace.worker.testing;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Where bytes differ from what a test expects: of a text the first line, of JSON each place by its
 * pointer. A JSON text is compared as text, every other value as JSON.
 */
final class Difference {

  private static final JsonMapper JSON = JsonMapper.shared();

  /** Beyond that many places a reader looks at the whole. */
  private static final int PLACES_SHOWN = 8;

  private Difference() {}

  /** Where the whole differs; empty if it does not. */
  static List<String> of(String what, JsonNode expected, byte @Nullable [] actual) {
    String text = text(actual);
    if (expected.isString()) {
      return expected.stringValue().equals(text)
          ? List.of()
          : List.of(ofTexts(what, expected.stringValue(), text));
    }
    if (expected.isNull() && text == null) {
      return List.of();
    }
    JsonNode json = json(text);
    if (json == null) {
      return List.of("expected the " + what + " to be " + expected + ", got " + text);
    }
    List<String> places = new ArrayList<>();
    compare("", expected, json, places);
    if (places.isEmpty() || !expected.isContainer()) {
      return places.isEmpty()
          ? List.of()
          : List.of("expected the " + what + " to be " + expected + ", got " + text);
    }
    return located("expected the " + what + " to be " + expected + ", got " + json, places);
  }

  /** What is not within the whole; empty if everything is. */
  static List<String> within(String what, JsonNode expected, byte @Nullable [] actual) {
    String text = text(actual);
    boolean contained =
        text != null
            && (expected.isString()
                ? text.contains(expected.stringValue())
                : contains(json(text), expected));
    return contained
        ? List.of()
        : List.of("expected the " + what + " to contain " + expected + ", got " + text);
  }

  static @Nullable String text(byte @Nullable [] bytes) {
    return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
  }

  private static String ofTexts(String what, String expected, @Nullable String actual) {
    String whole =
        "expected the " + what + " to be " + JSON.writeValueAsString(expected) + ", got ";
    if (actual == null || !(expected.contains("\n") && actual.contains("\n"))) {
      return whole + actual;
    }
    List<String> wanted = expected.lines().toList();
    List<String> got = actual.lines().toList();
    int line = 0;
    while (line < Math.min(wanted.size(), got.size()) && wanted.get(line).equals(got.get(line))) {
      line++;
    }
    return "line "
        + (line + 1)
        + " of the "
        + what
        + " is not as expected\n  - "
        + (line < wanted.size() ? wanted.get(line) : "(its end)")
        + "\n  + "
        + (line < got.size() ? got.get(line) : "(its end)");
  }

  private static List<String> located(String whole, List<String> places) {
    List<String> lines = new ArrayList<>(List.of(whole));
    places.stream().limit(PLACES_SHOWN).forEach(lines::add);
    if (places.size() > PLACES_SHOWN) {
      lines.add("and at " + (places.size() - PLACES_SHOWN) + " more places");
    }
    return List.of(String.join("\n  ", lines));
  }

  private static void compare(
      String pointer, JsonNode expected, JsonNode actual, List<String> places) {
    if (expected.isObject() && actual.isObject()) {
      for (Map.Entry<String, JsonNode> each : expected.properties()) {
        String at = pointer + "/" + each.getKey();
        if (actual.has(each.getKey())) {
          compare(at, each.getValue(), actual.get(each.getKey()), places);
        } else {
          places.add("- " + at + ": " + each.getValue());
        }
      }
      for (Map.Entry<String, JsonNode> each : actual.properties()) {
        if (!expected.has(each.getKey())) {
          places.add("+ " + pointer + "/" + each.getKey() + ": " + each.getValue());
        }
      }
    } else if (expected.isArray() && actual.isArray()) {
      for (int i = 0; i < Math.max(expected.size(), actual.size()); i++) {
        String at = pointer + "/" + i;
        if (i >= actual.size()) {
          places.add("- " + at + ": " + expected.get(i));
        } else if (i >= expected.size()) {
          places.add("+ " + at + ": " + actual.get(i));
        } else {
          compare(at, expected.get(i), actual.get(i), places);
        }
      }
    } else if (!same(expected, actual)) {
      places.add("- " + pointer + ": " + expected + "\n  + " + pointer + ": " + actual);
    }
  }

  /** Numbers are the same if they are equal: what wrote them may say 1 or 1.0. */
  private static boolean same(JsonNode expected, JsonNode actual) {
    return (expected.isNumber() && actual.isNumber())
        ? expected.decimalValue().compareTo(actual.decimalValue()) == 0
        : expected.equals(actual);
  }

  private static boolean contains(@Nullable JsonNode whole, JsonNode part) {
    if (whole == null) {
      return false;
    }
    if (part.isObject() && whole.isObject()) {
      return part.properties().stream()
          .allMatch(each -> contains(whole.get(each.getKey()), each.getValue()));
    }
    if (part.isArray() && whole.isArray()) {
      return part.valueStream()
          .allMatch(item -> whole.valueStream().anyMatch(each -> contains(each, item)));
    }
    return same(part, whole);
  }

  private static @Nullable JsonNode json(@Nullable String text) {
    try {
      return text == null ? null : JSON.readTree(text);
    } catch (JacksonException e) {
      return null;
    }
  }
}
