package dev.millrace.worker.manifest;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the manifest declares by name, for references to it: every declared name resolves or is at
 * least known, so that a broken declaration is reported once, where it stands.
 *
 * @param <T> what a name stands for
 */
final class Names<T> {

  private final Rule unknown;
  private final String kind;
  private final String section;
  private final Map<String, Optional<T>> declared = new HashMap<>();
  private final Set<String> used = new HashSet<>();

  Names(Rule unknown, String kind) {
    this(unknown, kind, kind + "s");
  }

  /**
   * @param section where things of this kind are declared
   */
  Names(Rule unknown, String kind, String section) {
    this.unknown = unknown;
    this.kind = kind;
    this.section = section;
  }

  void declare(String name, Optional<T> value) {
    declared.put(name, value);
  }

  /** What a name stands for; a name that is not declared is reported at the place of its use. */
  Optional<T> resolve(String name, Section user, Position at) {
    used.add(name);
    if (!declared.containsKey(name)) {
      user.report(
          unknown,
          at,
          "no "
              + kind
              + " named '"
              + name
              + "'"
              + Suggestion.orList(name, declared.keySet(), "declare it under '" + section + "'"));
      return Optional.empty();
    }
    return value(name);
  }

  /** What the value of a key stands for. */
  Optional<T> resolve(Section user, String key) {
    return user.text(key).flatMap(name -> resolve(name, user, user.at(key)));
  }

  /** What a name stands for, without that being a use of it. */
  Optional<T> value(String name) {
    return declared.getOrDefault(name, Optional.empty());
  }

  /** The names that have been resolved so far. */
  Set<String> used() {
    return Set.copyOf(used);
  }
}
