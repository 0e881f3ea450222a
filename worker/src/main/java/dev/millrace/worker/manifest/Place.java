package dev.millrace.worker.manifest;

import java.util.ArrayList;
import java.util.List;

/**
 * Where in the manifest's structure something is, and how to name that in a sentence.
 *
 * @param steps the keys, and the indexes of list items, from the root
 */
record Place(List<String> steps) {

  static final Place ROOT = new Place(List.of());

  Place {
    steps = List.copyOf(steps);
  }

  Place then(String step) {
    List<String> longer = new ArrayList<>(steps);
    longer.add(step);
    return new Place(longer);
  }

  /**
   * {@code function 'charge'}, or {@code function 'charge': limits.timeout}, or {@code app.name}.
   */
  @Override
  public String toString() {
    String subject = subject();
    String rest =
        String.join(".", steps.subList(subjectLength(), steps.size()))
            .replaceAll("\\.([0-9]+)(?=\\.|$)", "[$1]");
    if (subject.isEmpty()) {
      return rest.isEmpty() ? "the manifest" : rest;
    }
    return rest.isEmpty() ? subject : subject + ": " + rest;
  }

  /** What this belongs to, with a colon and a blank; empty if it is no named thing. */
  String prefix() {
    String subject = subject();
    return subject.isEmpty() ? "" : subject + ": ";
  }

  private String subject() {
    return switch (subjectLength()) {
      case 2 -> {
        String name = steps.get(1);
        yield switch (steps.get(0)) {
          case "functions" -> "function '" + name + "'";
          case "triggers" -> "trigger '" + name + "'";
          case "connections" -> "connection '" + name + "'";
          case "kv" -> "key-value store '" + name + "'";
          case "secrets" -> "secret '" + name + "'";
          default -> "test " + (Integer.parseInt(name) + 1);
        };
      }
      case 3 -> "dev event " + (Integer.parseInt(steps.get(2)) + 1);
      default -> "";
    };
  }

  private int subjectLength() {
    if (steps.size() >= 2
        && List.of("functions", "triggers", "connections", "kv", "secrets", "tests")
            .contains(steps.get(0))) {
      return 2;
    }
    boolean feed = steps.size() >= 3 && steps.get(0).equals("dev") && steps.get(1).equals("events");
    return feed ? 3 : 0;
  }
}
