package dev.millrace.worker.cli;

import dev.millrace.abi.Event;
import dev.millrace.abi.Header;
import dev.millrace.triggers.Attempt;
import dev.millrace.triggers.DeadLetter;
import dev.millrace.worker.store.DeadLetters;
import dev.millrace.worker.store.StoreView;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code millrace dlq show}. */
@Command(
    name = "show",
    description = "Prints one dead letter whole: the event, why it failed, and each attempt.")
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
        Map<String, Object> json = json(stored);
        output.document(text(json, ""), json);
      }
    }
    return ExitCodes.DONE;
  }

  private static Map<String, Object> json(DeadLetters.Stored stored) {
    DeadLetter letter = stored.letter();
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("number", stored.summary().number());
    json.put("id", letter.id());
    json.put("trigger", letter.trigger());
    json.put("function", letter.function());
    json.put("version", letter.version());
    json.put("failure", letter.failure().name());
    json.put("error", letter.error());
    json.put("received_at", letter.receivedAt().toString());
    json.put("failed_at", letter.failedAt().toString());
    json.put("replays", stored.summary().replays());
    json.put("event", event(letter.event()));
    json.put("attempt_count", letter.attemptCount());
    json.put("attempts", letter.attempts().stream().map(DlqShowCommand::attempt).toList());
    return json;
  }

  private static Map<String, Object> event(Event event) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("id", event.id());
    json.put("source", event.source());
    json.put("type", event.type());
    event.subject().ifPresent(subject -> json.put("subject", subject));
    json.put("time", event.time().toString());
    event.dataContentType().ifPresent(type -> json.put("datacontenttype", type));
    event.dataSchema().ifPresent(schema -> json.put("dataschema", schema));
    json.putAll(event.extensions());
    putBytes(json, "key", event.key());
    List<Map<String, Object>> headers = new ArrayList<>();
    for (Header header : event.headers()) {
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("name", header.name());
      putBytes(entry, "value", header.value());
      headers.add(entry);
    }
    if (!headers.isEmpty()) {
      json.put("headers", headers);
    }
    putBytes(json, "data", event.data());
    return json;
  }

  /** Text where the bytes are UTF-8, else base64 under another name, as CloudEvents does it. */
  private static void putBytes(Map<String, Object> json, String name, byte @Nullable [] bytes) {
    if (bytes == null) {
      return;
    }
    try {
      json.put(name, StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
    } catch (CharacterCodingException e) {
      json.put(name + "_base64", Base64.getEncoder().encodeToString(bytes));
    }
  }

  private static Map<String, Object> attempt(Attempt attempt) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("number", attempt.number());
    json.put("started_at", attempt.startedAt().toString());
    json.put("millis", attempt.duration().toMillis());
    json.put("failure", attempt.failure().name());
    json.put("error", attempt.error());
    if (!attempt.log().isEmpty()) {
      json.put("log", attempt.log());
    }
    return json;
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
