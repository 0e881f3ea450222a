package dev.millrace.triggers.redis;

import dev.millrace.abi.Event;
import dev.millrace.abi.Header;
import dev.millrace.abi.TextParts;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One entry of a stream, as an event.
 *
 * <p>An entry that has a field {@code data}, and one that {@link StreamEntry} wrote without data,
 * is a message: {@code data} is the data, the key field the key, {@code h:NAME} the header NAME,
 * {@code h0:NAME} a header without a value, and any other field a header of its own name. Any other
 * entry is an object: its data is the JSON of all its fields, as {@link FieldsJson} writes it.
 */
final class StreamEvent implements Event {

  static final String TYPE = "dev.millrace.redis.entry";

  private static final String DATA = "data";
  private static final String HEADER = "h:";
  private static final String EMPTY_HEADER = "h0:";
  private static final String OURS = "millrace-";
  private static final String CONTENT_TYPE = "content-type";
  private static final List<String> TRACING = List.of("traceparent", "tracestate");

  private final String stream;
  private final String source;
  private final EntryId id;
  private final byte @Nullable [] data;
  private final byte @Nullable [] key;
  private final List<Header> headers;
  private final boolean json;

  private StreamEvent(
      String stream,
      String source,
      EntryId id,
      byte @Nullable [] data,
      byte @Nullable [] key,
      List<Header> headers,
      boolean json) {
    this.stream = stream;
    this.source = source;
    this.id = id;
    this.data = data;
    this.key = key;
    this.headers = headers;
    this.json = json;
  }

  /**
   * The event of an entry.
   *
   * @param source what {@link SourceName} makes of the stream's name
   * @param fields name, value, name, value, …
   * @param keyField the field that holds the key
   */
  static StreamEvent of(
      String stream, String source, EntryId id, List<byte[]> fields, String keyField) {
    byte[] data = null;
    byte[] key = null;
    boolean ours = true;
    List<Header> headers = new ArrayList<>();
    for (int i = 0; i + 1 < fields.size(); i += 2) {
      String name = new String(fields.get(i), StandardCharsets.UTF_8);
      byte[] value = fields.get(i + 1);
      boolean isKey = key == null && name.equals(keyField);
      if (isKey) {
        key = value;
      }
      if (data == null && name.equals(DATA)) {
        data = value;
      } else if (name.startsWith(HEADER)) {
        headers.add(new Header(name.substring(HEADER.length()), value));
      } else if (name.startsWith(EMPTY_HEADER)) {
        headers.add(new Header(name.substring(EMPTY_HEADER.length()), null));
      } else if (!(isKey && name.equals(StreamOptions.DEFAULT_KEY_FIELD))) {
        headers.add(new Header(name, value));
        ours &= name.startsWith(OURS);
      }
    }
    if (data != null || ours) {
      return new StreamEvent(stream, source, id, data, key, List.copyOf(headers), false);
    }
    return new StreamEvent(stream, source, id, FieldsJson.of(fields), key, List.of(), true);
  }

  @Override
  public String id() {
    return source + ":" + id;
  }

  @Override
  public String receipt() {
    return id();
  }

  @Override
  public void tellReceipt(TextParts parts) {
    parts.text(source);
    parts.text(":");
    id.tell(parts);
  }

  @Override
  public String source() {
    return source;
  }

  @Override
  public String type() {
    return TYPE;
  }

  @Override
  public Optional<String> subject() {
    return Optional.empty();
  }

  /** When the entry was added, as the id tells it. */
  @Override
  public Instant time() {
    return id.time();
  }

  @Override
  public Optional<String> dataContentType() {
    return json ? Optional.of("application/json") : header(CONTENT_TYPE);
  }

  @Override
  public Optional<String> dataSchema() {
    return Optional.empty();
  }

  @Override
  public Map<String, String> extensions() {
    Map<String, String> extensions = new TreeMap<>();
    for (String name : TRACING) {
      header(name).ifPresent(value -> extensions.put(name, value));
    }
    extensions.put("redisstream", stream);
    extensions.put("redisentry", id.toString());
    return extensions;
  }

  private Optional<String> header(String name) {
    for (Header header : headers) {
      byte[] value = header.value();
      if (value != null && header.name().equals(name)) {
        return Optional.of(new String(value, StandardCharsets.UTF_8));
      }
    }
    return Optional.empty();
  }

  @Override
  public byte @Nullable [] key() {
    return key;
  }

  @Override
  public List<Header> headers() {
    return headers;
  }

  @Override
  public byte @Nullable [] data() {
    return data;
  }

  @Override
  public String toString() {
    return id();
  }
}
