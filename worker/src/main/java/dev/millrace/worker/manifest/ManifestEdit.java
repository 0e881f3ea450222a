package dev.millrace.worker.manifest;

import dev.millrace.worker.manifest.Layout.Part;
import dev.millrace.worker.manifest.Layout.Style;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The text of a manifest, to which entries are added. What is there stays byte for byte: an entry
 * is whole lines, between those of the file, laid out as its neighbours are. Immutable.
 */
public final class ManifestEdit {

  private final String file;
  private final String text;
  private final ObjectNode content;
  private final Layout layout;
  private final List<String> lines;

  private ManifestEdit(String file, String text, ObjectNode content) {
    this.file = file;
    this.text = text;
    this.content = content;
    this.lines = lines(text);
    this.layout = Layout.of(ManifestReader.unmarked(text), lines(ManifestReader.unmarked(text)));
  }

  /**
   * Begins with the text that is there.
   *
   * @param file the manifest as the user named it
   * @param text its content
   * @throws EditRefusedException if this is no manifest that can be added to
   */
  public static ManifestEdit of(String file, String text) throws EditRefusedException {
    return new ManifestEdit(file, text, content(file, text));
  }

  public String text() {
    return text;
  }

  /** The names of a section's entries that have a key, in the file's order. */
  public List<String> named(String section, String key) {
    @Nullable JsonNode entries = content.get(section);
    return entries == null
        ? List.of()
        : entries.properties().stream()
            .filter(entry -> entry.getValue().has(key))
            .map(Map.Entry::getKey)
            .toList();
  }

  /**
   * The manifest with another entry at a section's end.
   *
   * @param body what is below the entry's name, indented by 2 for each level, from 0
   * @throws EditRefusedException if the name is taken, or the section is not laid out as a block
   */
  public Added add(String section, String name, String body) throws EditRefusedException {
    @Nullable JsonNode entries = content.get(section);
    if (entries != null && entries.has(name)) {
      throw new EditRefusedException(
          file + " has '" + name + "' under '" + section + "' already; choose another name");
    }
    @Nullable Part part = layout.sections().get(section);
    Inserted inserted =
        part == null ? newSection(section, name, body) : intoSection(part, section, name, body);
    Optional<ManifestEdit> after = reread(inserted.into(lines));
    if (after.isEmpty() || !after.get().isWith(this, section, name)) {
      throw byHand(
          "further lines at the end of '" + section + "' would change what is in " + file,
          section,
          name,
          body);
    }
    return new Added(after.get(), inserted.line(), inserted.lines());
  }

  private Optional<ManifestEdit> reread(String edited) {
    try {
      return Optional.of(of(file, edited));
    } catch (EditRefusedException noManifest) {
      return Optional.empty();
    }
  }

  /**
   * An entry that was added.
   *
   * @param manifest the manifest that has it
   * @param line the first of its lines, from 1
   * @param lines its lines, without their ends
   */
  public record Added(ManifestEdit manifest, int line, List<String> lines) {
    public Added {
      lines = List.copyOf(lines);
    }

    /** The lines with those around them, as a unified diff has them. */
    public String diff() {
      List<String> all = ManifestEdit.lines(manifest.text);
      int from = line - 1;
      int to = from + lines.size();
      StringBuilder diff = new StringBuilder();
      int first = Math.max(0, from - 2);
      int last = Math.min(all.size(), to + 2);
      diff.append(
          String.format(
              "@@ -%d,%d +%d,%d @@\n",
              first + 1, last - first - lines.size(), first + 1, last - first));
      IntStream.range(first, last)
          .forEach(
              each ->
                  diff.append(each >= from && each < to ? '+' : ' ')
                      .append(all.get(each).stripTrailing())
                      .append('\n'));
      return diff.toString();
    }
  }

  private Inserted intoSection(Part part, String section, String name, String body)
      throws EditRefusedException {
    if (layout.flow() || part.style() == Style.OTHER) {
      throw byHand(
          "'" + section + "' of " + file + " is not laid out with an entry a line",
          section,
          name,
          body);
    }
    int column = part.style() == Style.BLOCK ? part.column() : layout.column() + usualIndentation();
    int at = afterComments(part.last() + 1, column);
    List<String> entry = entry(column, column - layout.column(), name, body);
    if (separated(part.entries())) {
      entry.addFirst("");
    }
    return new Inserted(at, entry, part.line());
  }

  private Inserted newSection(String section, String name, String body)
      throws EditRefusedException {
    if (layout.flow()) {
      throw byHand(file + " is in braces", section, name, body);
    }
    int column = layout.column() + usualIndentation();
    List<String> entry = entry(column, usualIndentation(), name, body);
    entry.addFirst(" ".repeat(layout.column()) + section + ":");
    boolean blankAtEnd = lines.getLast().isBlank();
    if (separated(layout.sections().values().stream().map(Part::line).toList()) && !blankAtEnd) {
      entry.addFirst("");
    }
    return new Inserted(lines.size(), entry, 0);
  }

  /** Comments that stand as far in as a section's entries belong to it. */
  private int afterComments(int line, int column) {
    int end = line;
    for (int each = line; each < lines.size(); each++) {
      String stripped = lines.get(each).strip();
      if (stripped.startsWith("#") && lines.get(each).indexOf('#') >= column) {
        end = each + 1;
      } else if (!stripped.isEmpty()) {
        break;
      }
    }
    return end;
  }

  /** Whether a blank line is between the last two of these keys. */
  private boolean separated(List<Integer> keys) {
    if (keys.size() < 2) {
      return false;
    }
    int above = keys.getLast() - 1;
    while (above > 0 && lines.get(above).strip().startsWith("#")) {
      above--;
    }
    return above > 0 && lines.get(above).isBlank();
  }

  private int usualIndentation() {
    return layout.sections().values().stream()
        .filter(part -> part.style() == Style.BLOCK)
        .map(part -> part.column() - layout.column())
        .findFirst()
        .orElse(2);
  }

  private static List<String> entry(int column, int step, String name, String body) {
    List<String> entry = new ArrayList<>();
    entry.add(" ".repeat(column) + name + ":");
    for (String line : body.lines().toList()) {
      String content = line.stripLeading();
      int level = (line.length() - content.length()) / 2;
      entry.add(" ".repeat(column + (level + 1) * step) + content);
    }
    return entry;
  }

  private static EditRefusedException byHand(String why, String section, String name, String body) {
    return new EditRefusedException(
        why
            + "; add it by hand:\n"
            + section
            + ":\n"
            + entry(2, 2, name, body).stream().collect(Collectors.joining("\n")));
  }

  /** Whether this is the same as what an edit began with, but for the entry. */
  private boolean isWith(ManifestEdit before, String section, String name) {
    ObjectNode without = content.deepCopy();
    if (!(without.get(section) instanceof ObjectNode entries) || entries.remove(name) == null) {
      return false;
    }
    if (entries.isEmpty()) {
      without.remove(section);
    }
    ObjectNode expected = before.content.deepCopy();
    if (expected.get(section) == null || expected.get(section).isNull()) {
      expected.remove(section);
    }
    return without.equals(expected);
  }

  private static ObjectNode content(String file, String text) throws EditRefusedException {
    Problems problems = new Problems(SourceText.of(file, ManifestReader.unmarked(text)));
    Optional<Node> root = YamlReader.read(problems);
    if (root.isPresent()
        && !problems.hasErrors()
        && Json.of(root.get()) instanceof ObjectNode map) {
      return map;
    }
    throw new EditRefusedException(
        problems.hasErrors()
            ? problems.sorted().stream().map(Problem::render).collect(Collectors.joining("\n"))
            : file + " is no manifest, which is a map; begin it with 'millrace: 1'");
  }

  /** A text's lines with their ends. */
  private static List<String> lines(String text) {
    return List.of(text.split("(?<=\n)|(?<=\r)(?!\n)"));
  }

  /**
   * Lines to be put between those of a file.
   *
   * @param at before which line of the file, from 0
   * @param lines without their ends
   * @param like the line whose end they get
   */
  private record Inserted(int at, List<String> lines, int like) {

    int line() {
      return at + 1;
    }

    String into(List<String> file) {
      String model = file.get(like);
      String end = model.endsWith("\r\n") ? "\r\n" : model.endsWith("\r") ? "\r" : "\n";
      StringBuilder text = new StringBuilder(String.join("", file.subList(0, at)));
      if (at > 0 && !file.get(at - 1).matches("(?s).*[\r\n]")) {
        text.append(end);
      }
      lines.forEach(line -> text.append(line).append(end));
      return text.append(String.join("", file.subList(at, file.size()))).toString();
    }
  }
}
