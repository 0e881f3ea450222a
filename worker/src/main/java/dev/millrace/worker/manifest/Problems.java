package dev.millrace.worker.manifest;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Collects the problems of one manifest. The same one found twice counts once. */
final class Problems {

  private final SourceText source;
  private final Set<Problem> found = new LinkedHashSet<>();
  private final Set<Position> muted = new HashSet<>();

  Problems(SourceText source) {
    this.source = source;
  }

  void add(Rule rule, Position at, String message) {
    if (muted.contains(at)) {
      return;
    }
    found.add(
        new Problem(source.file(), at.line(), at.column(), rule, message, source.line(at.line())));
  }

  /** Says nothing more about the value that stands here, as it is not the one that was meant. */
  void mute(Position value) {
    muted.add(value);
  }

  boolean hasErrors() {
    return found.stream().anyMatch(problem -> problem.severity() == Severity.ERROR);
  }

  SourceText source() {
    return source;
  }

  /** All of them, in the order of the file. */
  List<Problem> sorted() {
    List<Problem> sorted = new ArrayList<>(found);
    sorted.sort(Problem.BY_POSITION);
    return sorted;
  }
}
