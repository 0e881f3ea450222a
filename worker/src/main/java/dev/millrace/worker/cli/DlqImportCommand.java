package dev.millrace.worker.cli;

import dev.millrace.abi.EventCodec;
import dev.millrace.worker.store.DeadLetters;
import dev.millrace.worker.store.StoreView;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code millrace dlq import}. */
@Command(
    name = "import",
    description = {
      "Takes in dead letters that 'dlq export' wrote.",
      "A letter that is there already is replaced and keeps its number; a new one gets the next"
          + " number. A line that is no dead letter ends it; the lines before it are in the store."
    })
final class DlqImportCommand implements Callable<Integer> {

  @Mixin private StoreAccess store = new StoreAccess();
  @Mixin private Output output = new Output();

  @Parameters(paramLabel = "FILE", description = "The file, - for stdin.")
  private String file = "";

  @Override
  public Integer call() {
    AtomicLong count = new AtomicLong();
    try (StoreView view = store.open()) {
      new LetterFile(file)
          .each(
              read -> {
                take(view.deadLetters(), read);
                count.incrementAndGet();
                return true;
              });
    }
    output.document(count + " imported", Map.of("imported", count.get()));
    return ExitCodes.DONE;
  }

  /** In the order in which it came about: received, tried, edited. */
  private static void take(DeadLetters letters, LetterJson.Read read) {
    String id = read.letter().id();
    StoreAccess.await(letters.store(read.letter().withEvent(read.recorded())));
    byte[] recorded = EventCodec.encode(read.recorded());
    if (!Arrays.equals(recorded, EventCodec.encode(read.letter().event()))) {
      StoreAccess.await(letters.edit(id, read.letter().event()));
    }
  }
}
