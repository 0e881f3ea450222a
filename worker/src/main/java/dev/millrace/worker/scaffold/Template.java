package dev.millrace.worker.scaffold;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a project can begin with: a function in a language, on a kind of source. */
public record Template(Source source, Language language) {

  /** All of them. */
  public static List<Template> all() {
    List<Template> all = new ArrayList<>();
    for (Source source : Source.values()) {
      for (Language language : Language.values()) {
        all.add(new Template(source, language));
      }
    }
    return all;
  }

  /** The template of a name such as {@code kafka-rust}. */
  public static Optional<Template> named(String name) {
    return all().stream().filter(template -> template.name().equals(name)).findFirst();
  }

  public String name() {
    return source.id() + "-" + language.id();
  }

  /** What it is, for a list. */
  public String title() {
    return language.title() + ", on " + source.title();
  }
}
