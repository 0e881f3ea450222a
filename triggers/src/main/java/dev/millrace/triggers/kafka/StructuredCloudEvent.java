package dev.millrace.triggers.kafka;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.abi.Event;
import dev.millrace.abi.Header;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;

/**
 * CloudEvents in structured content mode: the record's value is a JSON object with the attributes
 * and the data. The event's data is what {@code data} or {@code data_base64} holds; JSON data keeps
 * its bytes as they were written.
 *
 * @see <a
 *     href="https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md">JSON
 *     event format 1.0.2</a>
 */
final class StructuredCloudEvent {

  private static final String JSON_FORMAT = "application/cloudevents+json";

  private static final JsonFactory JSON =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private final byte[] text;
  private final CloudEventAttributes attributes = new CloudEventAttributes();
  private byte @Nullable [] binaryData;
  private boolean hasBinaryData;

  /** The JSON value of {@code data} as it was written. */
  private byte @Nullable [] rawData;

  /** The content of {@code data} when it is a JSON string. */
  private @Nullable String stringData;

  private StructuredCloudEvent(byte[] text) {
    this.text = text;
  }

  static DetachedEvent read(
      ConsumerRecord<byte[], byte[]> record, Arrival arrival, String contentType)
      throws MalformedCloudEventException {
    if (!RecordEvents.mediaType(contentType).equals(JSON_FORMAT)) {
      throw new MalformedCloudEventException(
          "the format " + contentType + " is not supported; " + JSON_FORMAT + " is");
    }
    if (record.value() == null) {
      throw new MalformedCloudEventException("the record has no value");
    }
    StructuredCloudEvent event = new StructuredCloudEvent(record.value());
    try {
      event.readObject();
    } catch (JacksonException e) {
      throw new MalformedCloudEventException("the value is not JSON: " + e.getOriginalMessage());
    }
    return event.attributes.event(record, arrival, event.data());
  }

  /**
   * Whether this event was read from a structured record, so that its headers describe an envelope
   * that its data no longer has.
   */
  static boolean isSourceOf(Event event) {
    if (event.extensions().containsKey(Coordinates.CLOUD_EVENT_ERROR)) {
      return false;
    }
    List<Header> headers = event.headers();
    for (int i = headers.size() - 1; i >= 0; i--) {
      if (headers.get(i).name().equals(RecordHeaders.CONTENT_TYPE)) {
        return RecordHeaders.text(headers.get(i).value())
            .filter(RecordEvents::isStructured)
            .isPresent();
      }
    }
    return false;
  }

  private void readObject() throws MalformedCloudEventException {
    try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), text)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new MalformedCloudEventException("the value is not a JSON object");
      }
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String name = parser.currentName();
        parser.nextToken();
        readMember(parser, name);
      }
      if (parser.nextToken() != null) {
        throw new MalformedCloudEventException("something follows the JSON object");
      }
    }
  }

  private void readMember(JsonParser parser, String name) throws MalformedCloudEventException {
    switch (name) {
      case "data" -> readData(parser);
      case "data_base64" -> readBase64(parser);
      default -> readAttribute(parser, name);
    }
  }

  private void readAttribute(JsonParser parser, String name) throws MalformedCloudEventException {
    if (!CloudEventAttributes.isName(name)) {
      throw new MalformedCloudEventException(
          "'" + name + "' cannot name an attribute; lower-case letters and digits can");
    }
    JsonToken token = parser.currentToken();
    if (token == JsonToken.VALUE_NULL) {
      return; // the same as absent
    }
    if (!token.isScalarValue()) {
      throw new MalformedCloudEventException("attribute '" + name + "' is not a simple value");
    }
    attributes.put(name, parser.getString());
  }

  private void readBase64(JsonParser parser) throws MalformedCloudEventException {
    hasBinaryData = true;
    if (parser.currentToken() == JsonToken.VALUE_NULL) {
      return;
    }
    try {
      binaryData = Base64.getDecoder().decode(parser.getString());
    } catch (IllegalArgumentException e) {
      throw new MalformedCloudEventException("data_base64 is not base64");
    }
  }

  private void readData(JsonParser parser) {
    JsonToken token = parser.currentToken();
    if (token == JsonToken.VALUE_NULL) {
      return;
    }
    int start = (int) parser.currentTokenLocation().getByteOffset();
    if (token == JsonToken.VALUE_STRING) {
      stringData = parser.getString();
    }
    parser.skipChildren();
    parser.finishToken();
    int end = (int) parser.currentLocation().getByteOffset();
    rawData = Arrays.copyOfRange(text, start, end);
  }

  private byte @Nullable [] data() throws MalformedCloudEventException {
    if (hasBinaryData) {
      if (rawData != null) {
        throw new MalformedCloudEventException("it has both data and data_base64");
      }
      return binaryData;
    }
    String type =
        RecordEvents.mediaType(
            attributes.get(CloudEventAttributes.DATA_CONTENT_TYPE).orElse("application/json"));
    boolean json = type.endsWith("/json") || type.endsWith("+json");
    if (!json && stringData != null) {
      return stringData.getBytes(StandardCharsets.UTF_8);
    }
    return rawData;
  }
}
