package dev.millrace.worker.cli;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.triggers.Attempt;
import dev.millrace.triggers.DeadLetter;
import dev.millrace.triggers.FailureKind;
import dev.millrace.triggers.Recording;
import dev.millrace.triggers.RecordingCodec;
import dev.millrace.worker.store.DeadLetters.Stored;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A dead letter as one JSON object, as {@code dlq show -o json} and {@code dlq export} write it and
 * {@code dlq import} and {@code invoke} read it. Events are as {@link EventJson} has them; {@code
 * recording.bytes} is what {@link RecordingCodec} makes, in base64.
 */
final class LetterJson {

  private LetterJson() {}

  /**
   * A letter that was read.
   *
   * @param letter with the event as it would be replayed
   * @param original the event as it was received, if somebody has changed it since
   * @param recorded the event that the recorded attempt was at
   */
  record Read(DeadLetter letter, Optional<DetachedEvent> original, DetachedEvent recorded) {

    static Read of(Stored stored) {
      return new Read(stored.letter(), stored.original(), stored.recorded());
    }
  }

  static Map<String, Object> write(Stored stored) {
    Map<String, Object> json = forPeople(stored);
    stored
        .letter()
        .recording()
        .ifPresent(
            recording -> {
              Map<String, Object> whole = recording(recording);
              byte[] bytes = RecordingCodec.encode(recording);
              whole.put("bytes", Base64.getEncoder().encodeToString(bytes));
              json.put("recording", whole);
            });
    return json;
  }

  /** The same without what only a program can read. */
  static Map<String, Object> forPeople(Stored stored) {
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
    json.put("quarantined", stored.summary().quarantined());
    json.put("event", EventJson.write(letter.event()));
    stored.original().ifPresent(original -> json.put("original", EventJson.write(original)));
    stored.beforeEdit().ifPresent(event -> json.put("recorded_event", EventJson.write(event)));
    letter.recording().ifPresent(recording -> json.put("recording", recording(recording)));
    json.put("attempt_count", letter.attemptCount());
    json.put("attempts", letter.attempts().stream().map(LetterJson::attempt).toList());
    return json;
  }

  /**
   * Reads a letter.
   *
   * @throws IllegalArgumentException with a sentence if it is none
   */
  static Read read(String text) {
    JsonNode json = parse(text);
    String id = text(json, "id");
    Instant receivedAt = EventJson.time(text(json, "received_at"));
    DetachedEvent base =
        DetachedEvent.of(id, "millrace:import", "dev.millrace.import", receivedAt, (byte[]) null);
    DetachedEvent event = EventJson.read(object(json, "event"), base);
    DeadLetter letter =
        new DeadLetter(
            id,
            event,
            text(json, "trigger"),
            text(json, "function"),
            json.path("version").asString(""),
            failure(json),
            text(json, "error"),
            receivedAt,
            EventJson.time(text(json, "failed_at")),
            attempts(json),
            json.path("attempt_count").asInt(0),
            recording(json));
    Optional<DetachedEvent> original =
        json.has("original")
            ? Optional.of(EventJson.read(object(json, "original"), base))
            : Optional.empty();
    DetachedEvent recorded =
        json.has("recorded_event") ? EventJson.read(object(json, "recorded_event"), base) : event;
    return new Read(letter, original, recorded);
  }

  private static Map<String, Object> recording(Recording recording) {
    Recording.Limits limits = recording.limits();
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("module", recording.module());
    json.put("attempt", recording.attempt());
    json.put("timeout_millis", limits.timeout().toMillis());
    json.put("memory_bytes", limits.memoryBytes());
    json.put("input_bytes", limits.inputBytes());
    json.put("output_bytes", limits.outputBytes());
    json.put("log_bytes", limits.logBytes());
    json.put("earlier_events", recording.earlierEvents());
    json.put("cut", recording.start().cut() || recording.run().cut());
    return json;
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

  private static JsonNode parse(String text) {
    try {
      JsonNode json = JsonMapper.shared().readTree(text);
      if (json != null && json.isObject()) {
        return json;
      }
    } catch (JacksonException e) {
      throw new IllegalArgumentException("not JSON: " + e.getOriginalMessage(), e);
    }
    throw new IllegalArgumentException("not a JSON object");
  }

  private static List<Attempt> attempts(JsonNode json) {
    List<Attempt> attempts = new ArrayList<>();
    for (JsonNode each : json.path("attempts")) {
      attempts.add(
          new Attempt(
              each.path("number").asInt(0),
              EventJson.time(text(each, "started_at")),
              Duration.ofMillis(each.path("millis").asLong(0)),
              failure(each),
              text(each, "error"),
              each.path("log").asString("")));
    }
    return attempts;
  }

  private static Optional<Recording> recording(JsonNode json) {
    JsonNode bytes = json.path("recording").path("bytes");
    if (!bytes.isString()) {
      return Optional.empty();
    }
    return Optional.of(RecordingCodec.decode(Base64.getDecoder().decode(bytes.stringValue())));
  }

  private static FailureKind failure(JsonNode json) {
    String name = text(json, "failure");
    try {
      return FailureKind.valueOf(name);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("'" + name + "' is no failure that is known here", e);
    }
  }

  private static JsonNode object(JsonNode json, String name) {
    JsonNode value = json.path(name);
    if (!value.isObject()) {
      throw new IllegalArgumentException("not a dead letter: '" + name + "' is missing");
    }
    return value;
  }

  private static String text(JsonNode json, String name) {
    JsonNode value = json.path(name);
    if (!value.isString()) {
      throw new IllegalArgumentException("not a dead letter: '" + name + "' is missing");
    }
    return value.stringValue();
  }
}
