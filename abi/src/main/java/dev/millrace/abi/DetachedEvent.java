package dev.millrace.abi;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An event that stands by itself, detached from the client objects of the source it came from. */
public record DetachedEvent(
    String id,
    String source,
    String type,
    Optional<String> subject,
    Instant time,
    Optional<String> dataContentType,
    Optional<String> dataSchema,
    Map<String, String> extensions,
    byte @Nullable [] key,
    List<Header> headers,
    byte @Nullable [] data)
    implements Event {

  public DetachedEvent {
    requireText(id, "id");
    requireText(source, "source");
    requireText(type, "type");
    Objects.requireNonNull(time, "time");
    extensions = Map.copyOf(extensions);
    headers = List.copyOf(headers);
  }

  /** An event with the required attributes only. */
  public static DetachedEvent of(
      String id, String source, String type, Instant time, byte @Nullable [] data) {
    return new DetachedEvent(
        id,
        source,
        type,
        Optional.empty(),
        time,
        Optional.empty(),
        Optional.empty(),
        Map.of(),
        null,
        List.of(),
        data);
  }

  /** An event of UTF-8 text with the required attributes only. */
  public static DetachedEvent of(String id, String source, String type, Instant time, String text) {
    return of(id, source, type, time, text.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * The same event without its source's client objects; the event itself if it already is detached.
   */
  public static DetachedEvent copyOf(Event event) {
    if (event instanceof DetachedEvent detached) {
      return detached;
    }
    return new DetachedEvent(
        event.id(),
        event.source(),
        event.type(),
        event.subject(),
        event.time(),
        event.dataContentType(),
        event.dataSchema(),
        event.extensions(),
        event.key(),
        event.headers(),
        event.data());
  }

  /** The same event with another media type. */
  public DetachedEvent withDataContentType(String contentType) {
    return new DetachedEvent(
        id,
        source,
        type,
        subject,
        time,
        Optional.of(contentType),
        dataSchema,
        extensions,
        key,
        headers,
        data);
  }

  /** The same event with other extension attributes. */
  public DetachedEvent withExtensions(Map<String, String> other) {
    return new DetachedEvent(
        id, source, type, subject, time, dataContentType, dataSchema, other, key, headers, data);
  }

  /** The same event with another key. */
  public DetachedEvent withKey(byte @Nullable [] other) {
    return new DetachedEvent(
        id,
        source,
        type,
        subject,
        time,
        dataContentType,
        dataSchema,
        extensions,
        other,
        headers,
        data);
  }

  /** The same event with other headers. */
  public DetachedEvent withHeaders(List<Header> other) {
    return new DetachedEvent(
        id, source, type, subject, time, dataContentType, dataSchema, extensions, key, other, data);
  }

  private static void requireText(String value, String name) {
    if (value.isEmpty()) {
      throw new IllegalArgumentException("event attribute '" + name + "' must not be empty");
    }
  }
}
