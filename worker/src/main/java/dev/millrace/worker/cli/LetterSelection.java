package dev.millrace.worker.cli;

import dev.millrace.triggers.FailureKind;
import dev.millrace.worker.store.DeadLetters;
import dev.millrace.worker.store.DeadLetters.Filter;
import dev.millrace.worker.store.DeadLetters.Quarantine;
import dev.millrace.worker.store.DeadLetters.Summary;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Which dead letters a command is about: named ones, those that a filter finds, or all. */
@CommandLineOnly
final class LetterSelection {

  private static final int PAGE = 1000;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Parameters(paramLabel = "LETTER", description = "Numbers, ids, or starts of ids.")
  private List<String> references = new ArrayList<>();

  @Option(names = "--trigger", paramLabel = "NAME", description = "Those of this trigger.")
  private @Nullable String trigger;

  @Option(names = "--function", paramLabel = "NAME", description = "Those of this function.")
  private @Nullable String function;

  @Option(
      names = "--version",
      paramLabel = "DIGEST",
      description = "Those that failed with this version of the function: the start of its digest.")
  private @Nullable String version;

  @Option(
      names = "--failure",
      paramLabel = "KIND",
      description = "Those that failed so: ${COMPLETION-CANDIDATES}.")
  private @Nullable FailureKind failure;

  @Option(
      names = "--error",
      paramLabel = "TEXT",
      description = "Those whose error contains this, in whatever case.")
  private @Nullable String error;

  @Option(
      names = "--since",
      paramLabel = "WHEN",
      converter = MomentConverter.class,
      description = "Those that failed then or later: a time, or how long ago, for example 1h.")
  private @Nullable Instant since;

  @Option(
      names = "--until",
      paramLabel = "WHEN",
      converter = MomentConverter.class,
      description = "Those that failed before then.")
  private @Nullable Instant until;

  @Option(
      names = "--quarantined",
      description = "Those in quarantine: replayed as often as the manifest's quarantine_after.")
  private boolean quarantined;

  @Option(names = "--all", description = "All.")
  private boolean all;

  @Option(names = "--max", paramLabel = "N", description = "At most so many.")
  private @Nullable Integer max;

  /** What was found. */
  record Found(long count, long lastNumber) {}

  /** How many at most. */
  int max(int fallback) {
    if (max != null && max < 1) {
      throw new ParameterException(spec.commandLine(), "--max must be at least 1");
    }
    return max == null ? fallback : max;
  }

  /**
   * The letters that are meant by a command that changes them. It has to be said which; those in
   * quarantine are meant if they are named or asked for.
   */
  Filter toChange(DeadLetters letters) {
    if (references.isEmpty() && !filtered() && !all) {
      throw new ParameterException(
          spec.commandLine(), "say which dead letters: LETTER..., a filter, or --all");
    }
    Filter filter = toLookAt(letters);
    return quarantined || !references.isEmpty() ? filter : filter.with(Quarantine.NONE);
  }

  /** The letters that are meant by a command that only looks at them: all, if nothing is said. */
  Filter toLookAt(DeadLetters letters) {
    if (references.isEmpty()) {
      return filter();
    }
    if (filtered() || all) {
      throw new ParameterException(
          spec.commandLine(), "give either LETTER... or a filter, not both");
    }
    return Filter.ofNumbers(
        references.stream()
            .map(reference -> StoreAccess.require(letters, reference).summary().number())
            .toList());
  }

  /** Goes through the letters of a filter in the order in which they first failed. */
  Found each(DeadLetters letters, Filter filter, Consumer<Summary> consumer) {
    long left = max(Integer.MAX_VALUE);
    long count = 0;
    long last = 0;
    while (left > 0) {
      List<Summary> page = letters.inOrder(filter, last, (int) Math.min(PAGE, left));
      if (page.isEmpty()) {
        break;
      }
      page.forEach(consumer);
      count += page.size();
      left -= page.size();
      last = page.getLast().number();
    }
    return new Found(count, last);
  }

  private boolean filtered() {
    return trigger != null
        || function != null
        || version != null
        || failure != null
        || error != null
        || since != null
        || until != null
        || quarantined;
  }

  private Filter filter() {
    return new Filter(
        Optional.ofNullable(trigger),
        Optional.ofNullable(function),
        Optional.ofNullable(version),
        Optional.ofNullable(failure),
        Optional.ofNullable(error),
        Optional.ofNullable(since),
        Optional.ofNullable(until),
        quarantined ? Quarantine.ONLY : Quarantine.ANY,
        List.of());
  }
}
