package dev.millrace.triggers.kafka;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.abi.Event;
import dev.millrace.abi.Header;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * CloudEvents in binary content mode: attributes in {@code ce_*} headers of UTF-8 text, the media
 * type in {@code content-type}, the data as the record's value.
 */
final class BinaryCloudEvent {

  static final String PREFIX = "ce_";
  static final String SPEC_VERSION_HEADER = PREFIX + CloudEventAttributes.SPEC_VERSION;

  private BinaryCloudEvent() {}

  static DetachedEvent read(ConsumerRecord<byte[], byte[]> record, Arrival arrival)
      throws MalformedCloudEventException {
    CloudEventAttributes attributes = new CloudEventAttributes();
    for (org.apache.kafka.common.header.Header header : record.headers()) {
      if (header.key().startsWith(PREFIX)) {
        String name = header.key().substring(PREFIX.length());
        // Other headers of this prefix stay what they are, headers.
        if (CloudEventAttributes.isName(name)) {
          attributes.put(
              name,
              RecordHeaders.text(header.value())
                  .orElseThrow(
                      () ->
                          new MalformedCloudEventException(
                              "header '" + header.key() + "' is not UTF-8 text")));
        }
      }
    }
    RecordHeaders.text(record.headers(), RecordHeaders.CONTENT_TYPE)
        .ifPresent(type -> attributes.put(CloudEventAttributes.DATA_CONTENT_TYPE, type));
    return attributes.event(record, arrival, record.value());
  }

  /**
   * The headers that carry an event in binary mode: its own but those of CloudEvents, then its
   * attributes.
   */
  static List<Header> headers(Event event) {
    List<Header> headers = new ArrayList<>();
    for (Header header : event.headers()) {
      if (!header.name().equals(RecordHeaders.CONTENT_TYPE) && !header.name().startsWith(PREFIX)) {
        headers.add(header);
      }
    }
    Map<String, String> attributes = new TreeMap<>(event.extensions());
    Coordinates.removeFrom(attributes);
    attributes.put(CloudEventAttributes.SPEC_VERSION, "1.0");
    attributes.put("id", event.id());
    attributes.put("source", event.source());
    attributes.put("type", event.type());
    attributes.put("time", event.time().toString());
    event.subject().ifPresent(value -> attributes.put("subject", value));
    event.dataSchema().ifPresent(value -> attributes.put("dataschema", value));
    attributes.forEach((name, value) -> headers.add(text(PREFIX + name, value)));
    event.dataContentType().ifPresent(type -> headers.add(text(RecordHeaders.CONTENT_TYPE, type)));
    return headers;
  }

  private static Header text(String name, String value) {
    return new Header(name, value.getBytes(StandardCharsets.UTF_8));
  }
}
