package dev.millrace.worker.cli;

import dev.millrace.worker.store.DeadLetters;
import dev.millrace.worker.store.StoreView;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code millrace dlq show}. */
@Command(
    name = "show",
    description = {
      "Prints one dead letter whole: the event, why it failed, and each attempt; of an edited one the"
          + " event as it was received, too."
    })
final class DlqShowCommand implements Callable<Integer> {

  @Mixin private StoreAccess store = new StoreAccess();
  @Mixin private Output output = new Output();

  @Parameters(paramLabel = "LETTER", description = "A number, an id, or the start of an id.")
  private String reference = "";

  @Option(names = "--raw", description = "Print the event's data only, byte for byte.")
  private boolean raw;

  @Override
  public Integer call() {
    try (StoreView view = store.open()) {
      DeadLetters.Stored stored = StoreAccess.require(view.deadLetters(), reference);
      if (raw) {
        byte[] data = stored.letter().event().data();
        if (data != null) {
          System.out.write(data, 0, data.length);
          System.out.flush();
        }
      } else {
        output.document(text(LetterJson.forPeople(stored), ""), LetterJson.write(stored));
      }
    }
    return ExitCodes.DONE;
  }

  private static String text(Map<String, ?> json, String indent) {
    List<String> lines = new ArrayList<>();
    json.forEach((name, value) -> lines.addAll(lines(name, value, indent)));
    return String.join("\n", lines);
  }

  private static List<String> lines(String name, Object value, String indent) {
    if (value instanceof Map<?, ?> map) {
      Map<String, Object> named = new LinkedHashMap<>();
      map.forEach((key, entry) -> named.put(String.valueOf(key), entry));
      return List.of(indent + name + ":", text(named, indent + "  "));
    }
    if (value instanceof List<?> list) {
      List<String> lines = new ArrayList<>();
      for (int i = 0; i < list.size(); i++) {
        lines.addAll(lines(name + " " + (i + 1), list.get(i), indent));
      }
      return lines;
    }
    String printable = value.toString().replaceAll("[\\p{Cntrl}&&[^\n\t]]", "\uFFFD");
    return List.of(indent + name + ": " + printable.replace("\n", "\n" + indent + "  "));
  }
}
