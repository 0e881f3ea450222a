package dev.millrace.worker.manifest;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;

/**
 * How a manifest is laid out: where its sections and their entries begin and end. Lines count from
 * 0 here, as they index a list.
 *
 * @param flow whether the whole manifest is in braces
 * @param column where the sections' keys stand
 * @param sections by key, in the file's order
 */
record Layout(boolean flow, int column, Map<String, Part> sections) {

  /** How the value of a section is written. */
  enum Style {
    /** One entry a line, further in. */
    BLOCK,
    /** Nothing is there. */
    EMPTY,
    /** In braces, or no map at all. */
    OTHER
  }

  /**
   * A section.
   *
   * @param line where its key stands
   * @param style how its value is written
   * @param column where its entries' keys stand; of no meaning unless it is a block
   * @param entries the lines of its entries' keys
   * @param last the last line that is part of its value
   */
  record Part(int line, Style style, int column, List<Integer> entries, int last) {}

  /**
   * @param text YAML with one document, a map, that {@link YamlReader} takes
   * @param lines the text's lines
   */
  static Layout of(String text, List<String> lines) {
    LoadSettings settings = LoadSettings.builder().setCodePointLimit(Integer.MAX_VALUE).build();
    Walk walk = new Walk(new Parse(settings).parseString(text).iterator(), lines);
    Event event = walk.next();
    while (!(event instanceof MappingStartEvent)) {
      event = walk.next();
    }
    return walk.root((MappingStartEvent) event);
  }

  /** Reads the events of one file, once. */
  private record Walk(Iterator<Event> events, List<String> lines) {

    Event next() {
      return events.next();
    }

    Layout root(MappingStartEvent start) {
      Map<String, Part> sections = new LinkedHashMap<>();
      int column = 0;
      while (next() instanceof NodeEvent key) {
        column = sections.isEmpty() ? start(key).getColumn() : column;
        String name = key instanceof ScalarEvent scalar ? scalar.getValue() : "";
        skip(key);
        sections.put(name, section(start(key).getLine()));
      }
      return new Layout(start.isFlow(), column, sections);
    }

    private Part section(int line) {
      Event value = next();
      if (!(value instanceof MappingStartEvent start) || start.isFlow()) {
        boolean empty =
            value instanceof ScalarEvent scalar && scalar.isPlain() && scalar.getValue().isEmpty();
        return new Part(line, empty ? Style.EMPTY : Style.OTHER, 0, List.of(), skip(value));
      }
      List<Integer> entries = new ArrayList<>();
      int column = 0;
      int last = line;
      while (next() instanceof NodeEvent key) {
        column = entries.isEmpty() ? start(key).getColumn() : column;
        entries.add(start(key).getLine());
        last = Math.max(skip(key), skip(next()));
      }
      return new Part(line, Style.BLOCK, column, entries, last);
    }

    /** Passes over the rest of a node, and answers its last line. */
    private int skip(Event node) {
      if (node instanceof ScalarEvent scalar) {
        return last(scalar);
      }
      if (!(node instanceof CollectionStartEvent start)) {
        return end(node).getLine();
      }
      int last = start(node).getLine();
      Event event = next();
      while (!(event instanceof CollectionEndEvent)) {
        last = Math.max(last, skip(event));
        event = next();
      }
      // a block ends where the next thing begins, behind all comments
      return start.isFlow() ? end(event).getLine() : last;
    }

    private int last(ScalarEvent scalar) {
      int begin = start(scalar).getLine();
      int line = end(scalar).getLine();
      boolean block = scalar.isLiteral() || scalar.isFolded();
      if (!block || end(scalar).getColumn() > 0) {
        return line;
      }
      line--;
      boolean keepsBlankLines = lines.get(begin).matches("(?s).*[|>][0-9]?\\+.*");
      while (!keepsBlankLines && line > begin && lines.get(line).isBlank()) {
        line--;
      }
      return line;
    }

    private static Mark start(Event event) {
      return mark(event.getStartMark());
    }

    private static Mark end(Event event) {
      return mark(event.getEndMark());
    }

    private static Mark mark(Optional<Mark> mark) {
      return mark.orElseThrow(() -> new IllegalStateException("a parsed file has marks"));
    }
  }
}
