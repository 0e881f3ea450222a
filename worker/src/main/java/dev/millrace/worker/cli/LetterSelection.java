package dev.millrace.worker.cli;

import dev.millrace.worker.store.DeadLetters;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which dead letters a command changes: named ones, those of a trigger, or all. */
final class LetterSelection {

  @ArgGroup(multiplicity = "1")
  private Choice choice = new Choice();

  /** One of the ways to choose. */
  static final class Choice {
    @Parameters(paramLabel = "LETTER", description = "Numbers, ids, or starts of ids.")
    private List<String> references = new ArrayList<>();

    @Option(names = "--trigger", paramLabel = "NAME", description = "All of this trigger.")
    private @Nullable String trigger;

    @Option(names = "--all", description = "All.")
    private boolean all;
  }

  /** The ids of the chosen letters. */
  List<String> ids(DeadLetters letters) {
    if (!choice.references.isEmpty()) {
      return choice.references.stream()
          .map(reference -> StoreAccess.require(letters, reference).letter().id())
          .toList();
    }
    if (choice.trigger == null && !choice.all) {
      return List.of();
    }
    DeadLetters.Filter filter =
        choice.trigger == null
            ? DeadLetters.Filter.ALL
            : DeadLetters.Filter.ofTrigger(choice.trigger);
    return letters.list(filter, Integer.MAX_VALUE).stream().map(DeadLetters.Summary::id).toList();
  }
}
