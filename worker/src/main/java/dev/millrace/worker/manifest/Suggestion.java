package dev.millrace.worker.manifest;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.commons.text.similarity.DamerauLevenshteinDistance;

/** Finds what a misspelt name was meant to be. */
final class Suggestion {

  private static final DamerauLevenshteinDistance DISTANCE = new DamerauLevenshteinDistance();

  private Suggestion() {}

  /**
   * The candidate nearest to a name, if one is near: letter case, {@code -} and {@code _} do not
   * count, and one letter in three may differ. Otherwise the only one that contains the name.
   */
  static Optional<String> nearest(String name, Collection<String> candidates) {
    String plain = plain(name);
    int tolerance = Math.max(1, Math.min(plain.length() / 3, 4));
    Optional<String> near =
        candidates.stream()
            .filter(candidate -> !candidate.equals(name))
            .filter(candidate -> Math.abs(plain(candidate).length() - plain.length()) <= tolerance)
            .filter(candidate -> distance(plain, candidate) <= tolerance)
            .filter(candidate -> distance(plain, candidate) < plain(candidate).length())
            .min(
                Comparator.comparingInt((String candidate) -> distance(plain, candidate))
                    .thenComparing(Comparator.naturalOrder()));
    return near.or(() -> container(name, plain, candidates));
  }

  private static Optional<String> container(
      String name, String plain, Collection<String> candidates) {
    if (plain.length() < 3) {
      return Optional.empty();
    }
    List<String> containers =
        candidates.stream()
            .filter(candidate -> plain(candidate).contains(plain) && !candidate.equals(name))
            .toList();
    return containers.size() == 1 ? Optional.of(containers.getFirst()) : Optional.empty();
  }

  /** {@code (did you mean 'x'?)}, or nothing if nothing is near. */
  static String among(String name, Collection<String> candidates) {
    return nearest(name, candidates).map(near -> " (did you mean '" + near + "'?)").orElse("");
  }

  /** {@code ; did you mean 'x'?}, or the candidates, or that there are none. */
  static String orList(String name, Collection<String> candidates, String none) {
    Optional<String> near = nearest(name, candidates);
    if (near.isPresent()) {
      return "; did you mean '" + near.get() + "'?";
    }
    return candidates.isEmpty() ? "; " + none : "; declared: " + listed(candidates);
  }

  /** {@code ; did you mean 'x'?} after a value that is none of those that fit. */
  static String orOneOf(String value, Collection<String> choices) {
    return "; it must be one of "
        + String.join(", ", choices)
        + nearest(value, choices).map(near -> "; did you mean '" + near + "'?").orElse("");
  }

  /** {@code a, b, c} in alphabetical order; of many, the first ones. */
  static String listed(Collection<String> names) {
    int shown = 12;
    String list = names.stream().sorted().limit(shown).collect(Collectors.joining(", "));
    return names.size() > shown ? list + ", …" : list;
  }

  private static int distance(String plain, String candidate) {
    return DISTANCE.apply(plain, plain(candidate));
  }

  private static String plain(String name) {
    return name.toLowerCase(Locale.ROOT).replace("-", "").replace("_", "");
  }
}
