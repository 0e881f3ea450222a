package dev.millrace.worker.manifest;

/**
 * One thing that is wrong with a manifest, and where.
 *
 * @param file the file as the user named it
 * @param line from 1
 * @param column from 1, in characters
 * @param rule which rule is broken
 * @param message what is wrong, with what, and what to do
 * @param sourceLine the line of the file, empty where there is none to show
 */
public record Problem(
    String file, int line, int column, Rule rule, String message, String sourceLine) {

  /** At most this much of a long source line is shown. */
  private static final int WIDTH = 120;

  public Severity severity() {
    return rule.severity();
  }

  /** By its place in the file, then by its rule. */
  int comparePlace(Problem other) {
    int lines = Integer.compare(line, other.line);
    int columns = lines == 0 ? Integer.compare(column, other.column) : lines;
    return columns == 0 ? rule.compareTo(other.rule) : columns;
  }

  /** {@code file:line:column rule message}; a warning says that it is one. */
  public String headline() {
    String warning = severity() == Severity.WARNING ? "warning: " : "";
    return printable(file + ":" + line + ":" + column + " " + rule.id() + " " + warning + message);
  }

  /** The headline, then the source line and a caret under the place. */
  public String render() {
    if (sourceLine.isBlank()) {
      return headline();
    }
    int caret = Math.min(column - 1, sourceLine.codePointCount(0, sourceLine.length()));
    int at = sourceLine.offsetByCodePoints(0, caret);
    int from = Math.max(0, Math.min(at - WIDTH / 2, sourceLine.length() - WIDTH));
    if (from > 0 && Character.isLowSurrogate(sourceLine.charAt(from))) {
      from++;
    }
    int to = Math.min(sourceLine.length(), from + WIDTH);
    if (to < sourceLine.length() && Character.isLowSurrogate(sourceLine.charAt(to))) {
      to--;
    }
    StringBuilder padding = new StringBuilder();
    sourceLine
        .substring(from, Math.max(from, at))
        .codePoints()
        .forEach(c -> padding.append(c == '\t' ? '\t' : ' '));
    return headline() + "\n  " + printable(sourceLine.substring(from, to)) + "\n  " + padding + "^";
  }

  /** Control characters of a file must not reach the terminal. */
  private static String printable(String text) {
    return text.replaceAll("[\\p{Cntrl}&&[^\t]]", "\uFFFD");
  }

  @Override
  public String toString() {
    return headline();
  }
}
