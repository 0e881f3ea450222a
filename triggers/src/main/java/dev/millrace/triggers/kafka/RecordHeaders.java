package dev.millrace.triggers.kafka;

import dev.millrace.abi.Header;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/** Reads and writes record headers: bytes stay bytes, text is what is valid UTF-8. */
final class RecordHeaders {

  static final String CONTENT_TYPE = "content-type";
  static final String TRACEPARENT = "traceparent";
  static final String TRACESTATE = "tracestate";

  private RecordHeaders() {}

  /** All headers in their order, byte for byte. */
  static List<Header> list(Headers headers) {
    List<Header> list = new ArrayList<>();
    for (org.apache.kafka.common.header.Header header : headers) {
      list.add(new Header(header.key(), header.value()));
    }
    return List.copyOf(list);
  }

  /** What all headers count for against a bound. */
  static int size(Headers headers) {
    int size = 0;
    for (org.apache.kafka.common.header.Header header : headers) {
      size += header.key().length() + (header.value() == null ? 0 : header.value().length);
    }
    return size;
  }

  /** Kafka's headers for ours, byte for byte. */
  static Headers toKafka(List<Header> headers) {
    Headers kafka = new org.apache.kafka.common.header.internals.RecordHeaders();
    for (Header header : headers) {
      kafka.add(header.name(), header.value());
    }
    return kafka;
  }

  /** The last header of this name as text; empty if there is none or it is not valid UTF-8. */
  static Optional<String> text(Headers headers, String name) {
    org.apache.kafka.common.header.Header header = headers.lastHeader(name);
    return header == null ? Optional.empty() : text(header.value());
  }

  /** Bytes as text; empty if there are none or they are not valid UTF-8. */
  static Optional<String> text(byte @Nullable [] bytes) {
    if (bytes == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
    } catch (CharacterCodingException e) {
      return Optional.empty();
    }
  }

  /** Adds the W3C trace context, where the record carries one. */
  static void addTracing(Headers headers, Map<String, String> extensions) {
    text(headers, TRACEPARENT).ifPresent(value -> extensions.putIfAbsent(TRACEPARENT, value));
    text(headers, TRACESTATE).ifPresent(value -> extensions.putIfAbsent(TRACESTATE, value));
  }
}
