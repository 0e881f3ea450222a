package dev.millrace.triggers.kafka;

import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Makes a text fit to be shown: what the manifest gave a property as its value, which may be a
 * secret, becomes {@code [the property's name]} in it. Of properties that have secrets by their
 * name, such as {@code sasl.jaas.config}, so does each single word.
 */
final class PropertyNames {

  private static final Pattern SECRET =
      Pattern.compile("password|secret|jaas|key|token|credential", Pattern.CASE_INSENSITIVE);

  /** A word of a JAAS configuration, as Kafka's client reads it; shorter ones tell nothing. */
  private static final Pattern WORD =
      Pattern.compile("[\\w$.-]{3,}", Pattern.UNICODE_CHARACTER_CLASS);

  /** Words of a JAAS configuration that tell which part of it is wrong. */
  private static final Set<String> PLAIN_WORDS = Set.of("username", "password");

  /** Shorter values, such as numbers and {@code false}, stand in texts for other reasons. */
  private static final int SHORTEST_VALUE = 6;

  /** A value, or a word of one, to the property that has it. */
  private final Map<String, String> names = new HashMap<>();

  /** Any of these texts, not as a part of a longer word. */
  private final Pattern values;

  /**
   * For the properties of one client.
   *
   * @param properties those that the worker sets itself may be among them, and are shown
   */
  PropertyNames(Map<String, Object> properties) {
    properties.forEach(
        (name, value) -> {
          if (value instanceof String text && OwnedProperties.refusal(name).isEmpty()) {
            enter(name, text.strip());
          }
        });
    // the longest first: a word may be the beginning of another
    this.values =
        Pattern.compile(
            names.keySet().stream()
                .sorted(Comparator.comparingInt(String::length).reversed())
                .map(Pattern::quote)
                .collect(Collectors.joining("|", "(?<!\\w)(?:", ")(?!\\w)")),
            Pattern.UNICODE_CHARACTER_CLASS);
  }

  private void enter(String name, String value) {
    if (!SECRET.matcher(name).find()) {
      if (value.length() >= SHORTEST_VALUE) {
        names.putIfAbsent(value, name);
      }
      return;
    }
    if (!value.isEmpty()) {
      names.put(value, name);
    }
    WORD.matcher(value)
        .results()
        .map(MatchResult::group)
        .filter(word -> !PLAIN_WORDS.contains(word))
        .forEach(word -> names.put(word, name));
  }

  /** The text with names for values. */
  String insteadOfValues(String text) {
    if (names.isEmpty()) {
      return text;
    }
    return values
        .matcher(text)
        .replaceAll(value -> Matcher.quoteReplacement("[" + names.get(value.group()) + "]"));
  }
}
