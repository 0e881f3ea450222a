package dev.millrace.worker.wasm.abi;

import dev.millrace.abi.Event;
import dev.millrace.abi.Header;
import dev.millrace.worker.dispatch.Invocation;
import dev.millrace.worker.wasm.host.EventAttributes;
import dev.millrace.worker.wasm.host.GuestMemory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A message as Camel's wasm component hands it to functions: a JSON object with {@code headers}, a
 * map of texts, and {@code body} in base64, or null.
 *
 * @param headers by name
 * @param body {@code null} for none
 */
record CamelEnvelope(Map<String, String> headers, byte @Nullable [] body) {

  private static final JsonMapper JSON = JsonMapper.shared();
  private static final String HEADERS = "headers";
  private static final String BODY = "body";

  /** An event's envelope. Its headers are the transport's, and what {@link #fromHost} adds. */
  static CamelEnvelope of(Invocation invocation, String function) {
    Map<String, String> headers = new LinkedHashMap<>();
    for (Header header : invocation.event().headers()) {
      byte[] value = header.value();
      String text = value == null ? null : GuestMemory.text(value);
      if (text != null) {
        headers.put(header.name(), text);
      }
    }
    headers.putAll(fromHost(invocation, function));
    return new CamelEnvelope(headers, invocation.event().data());
  }

  /**
   * The headers that say where an event comes from: those that Camel's Kafka component sets, and
   * the event's attributes, each with {@code ce-} before its name.
   */
  static Map<String, String> fromHost(Invocation invocation, String function) {
    Event event = invocation.event();
    Map<String, String> headers = new LinkedHashMap<>();
    Map<String, String> extensions = event.extensions();
    for (String name : List.of("topic", "partition", "offset", "timestamp")) {
      String value = extensions.get("kafka" + name);
      if (value != null) {
        headers.put("kafka." + name.toUpperCase(Locale.ROOT), value);
      }
    }
    byte[] key = event.key();
    String text = key == null ? null : GuestMemory.text(key);
    if (text != null) {
      headers.put("kafka.KEY", text);
    }
    EventAttributes.all(invocation, function)
        .forEach((name, value) -> headers.put("ce-" + name, value));
    return headers;
  }

  byte[] encode() {
    ObjectNode json = JSON.createObjectNode();
    ObjectNode map = json.putObject(HEADERS);
    headers.forEach(map::put);
    json.put(BODY, body);
    return JSON.writeValueAsBytes(json);
  }

  /** Empty where the bytes are no envelope: no JSON object, or one with anything else in it. */
  static Optional<CamelEnvelope> decode(byte[] bytes) {
    try {
      JsonNode json = JSON.readTree(bytes);
      boolean known =
          json.isObject()
              && !json.isEmpty()
              && json.propertyNames().stream()
                  .allMatch(name -> name.equals(HEADERS) || name.equals(BODY));
      if (!known || !isMap(json.path(HEADERS))) {
        return Optional.empty();
      }
      Map<String, String> headers = new LinkedHashMap<>();
      for (Map.Entry<String, JsonNode> header : json.path(HEADERS).properties()) {
        headers.put(header.getKey(), text(header.getValue()));
      }
      JsonNode body = json.path(BODY);
      boolean absent = body.isMissingNode() || body.isNull();
      return Optional.of(new CamelEnvelope(headers, absent ? null : body.binaryValue()));
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }

  /** What goes out with the body: all headers but those that are as the host set them. */
  List<Header> outgoing(Map<String, String> fromHost) {
    List<Header> outgoing = new ArrayList<>();
    headers.forEach(
        (name, value) -> {
          if (!value.equals(fromHost.get(name))) {
            outgoing.add(new Header(name, value.getBytes(StandardCharsets.UTF_8)));
          }
        });
    return outgoing;
  }

  private static boolean isMap(JsonNode headers) {
    return headers.isMissingNode() || headers.isNull() || headers.isObject();
  }

  private static String text(JsonNode value) {
    return value.isValueNode() && !value.isNull() ? value.asString() : value.toString();
  }
}
