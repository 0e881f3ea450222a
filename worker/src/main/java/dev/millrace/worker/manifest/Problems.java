package dev.millrace.worker.manifest;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Collects the problems of one manifest. The same one found twice counts once. */
final class Problems {

  private final SourceText source;
  private final List<Problem> found = new ArrayList<>();
  private final Set<Position> muted = new HashSet<>();

  Problems(SourceText source) {
    this.source = source;
  }

  void add(Rule rule, Position at, String message) {
    if (muted.contains(at)) {
      return;
    }
    Problem problem =
        new Problem(source.file(), at.line(), at.column(), rule, message, source.line(at.line()));
    if (found.stream().noneMatch(each -> isSame(each, problem))) {
      found.add(problem);
    }
  }

  /** File and source line follow from the place. */
  private static boolean isSame(Problem one, Problem other) {
    return one.comparePlace(other) == 0 && one.message().equals(other.message());
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
    sorted.sort(Problem::comparePlace);
    return sorted;
  }
}
