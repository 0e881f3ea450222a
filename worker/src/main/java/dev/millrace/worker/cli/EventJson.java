package dev.millrace.worker.cli;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.abi.Event;
import dev.millrace.abi.Header;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * An event as one JSON object, as the command line writes and reads it: the CloudEvents attributes
 * and extensions by their names, {@code key}, {@code headers} as a list of {@code name} and {@code
 * value}, and {@code data}. Bytes that are not UTF-8 stand in base64 under {@code key_base64},
 * {@code value_base64} or {@code data_base64}.
 */
final class EventJson {

  private EventJson() {}

  static Map<String, Object> write(Event event) {
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

  /**
   * Reads an event. What is missing of id, source, type and time is taken from {@code base}. {@code
   * data} is text, or any other JSON value, which becomes that JSON.
   *
   * @throws IllegalArgumentException with a sentence if it is no such object
   */
  static DetachedEvent read(byte[] bytes, DetachedEvent base) {
    return read(object(bytes), base);
  }

  /** The same of JSON that was read already. */
  static DetachedEvent read(JsonNode json, DetachedEvent base) {
    Map<String, String> attributes = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> property : json.properties()) {
      switch (property.getKey()) {
        case "data", "data_base64", "key", "key_base64", "headers", "specversion" -> {}
        default ->
            attributes.put(property.getKey(), scalar(property.getKey(), property.getValue()));
      }
    }
    Optional<String> time = take(attributes, "time");
    return new DetachedEvent(
        take(attributes, "id").orElse(base.id()),
        take(attributes, "source").orElse(base.source()),
        take(attributes, "type").orElse(base.type()),
        take(attributes, "subject"),
        time.map(EventJson::time).orElse(base.time()),
        take(attributes, "datacontenttype"),
        take(attributes, "dataschema"),
        attributes,
        bytes(json, "key"),
        headers(json.path("headers")),
        bytes(json, "data"));
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

  private static JsonNode object(byte[] bytes) {
    try {
      JsonNode json = JsonMapper.shared().readTree(bytes);
      if (json != null && json.isObject()) {
        return json;
      }
    } catch (JacksonException e) {
      throw new IllegalArgumentException("the event is not JSON: " + e.getOriginalMessage(), e);
    }
    throw new IllegalArgumentException("the event is not a JSON object");
  }

  private static String scalar(String name, JsonNode value) {
    if (!value.isValueNode() || value.isNull()) {
      throw new IllegalArgumentException("attribute '" + name + "' of the event is not a text");
    }
    return value.asString();
  }

  private static Optional<String> take(Map<String, String> attributes, String name) {
    return Optional.ofNullable(attributes.remove(name)).filter(value -> !value.isEmpty());
  }

  static Instant time(String text) {
    try {
      return OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(
          "'" + text + "' is no time; write it as 2026-01-31T12:00:00Z", e);
    }
  }

  private static List<Header> headers(JsonNode json) {
    List<Header> headers = new ArrayList<>();
    for (JsonNode header : json) {
      if (!header.path("name").isString()) {
        throw new IllegalArgumentException("each of the event's headers needs a name");
      }
      headers.add(new Header(header.path("name").stringValue(), bytes(header, "value")));
    }
    return headers;
  }

  private static byte @Nullable [] bytes(JsonNode json, String name) {
    JsonNode encoded = json.path(name + "_base64");
    if (encoded.isString()) {
      try {
        return Base64.getDecoder().decode(encoded.stringValue());
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(name + "_base64 of the event is not base64", e);
      }
    }
    JsonNode value = json.path(name);
    if (value.isMissingNode() || value.isNull()) {
      return null;
    }
    String text = value.isString() ? value.stringValue() : value.toString();
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
