package dev.millrace.worker.manifest;

import java.util.List;

/**
 * The manifest as text.
 *
 * @param file the file as the user named it
 * @param text its content
 * @param lines the content's lines
 */
record SourceText(String file, String text, List<String> lines) {

  static SourceText of(String file, String text) {
    return new SourceText(file, text, List.of(text.split("\r\n|\n|\r", -1)));
  }

  /** A line, from 1; empty if there is none. */
  String line(int number) {
    return number >= 1 && number <= lines.size() ? lines.get(number - 1) : "";
  }

  /** The place of the character with this index, counted in code points. */
  Position position(int index) {
    int end = text.offsetByCodePoints(0, Math.min(index, text.codePointCount(0, text.length())));
    SourceText before = of(file, text.substring(0, end));
    String last = before.lines.getLast();
    return new Position(before.lines.size(), last.codePointCount(0, last.length()) + 1);
  }

  /**
   * Where a piece of text stands at or after a place, looked for on that line and the ones after
   * it; the place itself if it stands nowhere.
   */
  Position find(String piece, Position from) {
    for (int number = from.line(); number <= lines.size(); number++) {
      String line = line(number);
      int start = 0;
      if (number == from.line()) {
        int skipped = Math.min(from.column() - 1, line.codePointCount(0, line.length()));
        start = line.offsetByCodePoints(0, skipped);
      }
      int at = line.indexOf(piece, start);
      if (at >= 0) {
        return new Position(number, line.codePointCount(0, at) + 1);
      }
    }
    return from;
  }
}
