package dev.millrace.abi;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * Events as bytes: what the worker's store and dead-letter topics keep of an event, every attribute
 * and every byte of it.
 *
 * <p>Layout of version 1, integers big-endian, {@code length} a variable-length integer of seven
 * bits a byte, lowest first:
 *
 * <pre>
 * u8 version = 1
 * text id, source, type; text? subject; i64 seconds, i32 nanoseconds of time
 * text? dataContentType, dataSchema
 * length count of extensions, each: text name, text value   (sorted by name)
 * bytes? key
 * length count of headers, each: text name, bytes? value    (in their order)
 * bytes? data
 * u32 CRC-32C of everything before
 *
 * text  = length, UTF-8 bytes        text? and bytes? = length + 1, bytes; 0 where absent
 * </pre>
 *
 * <p>Equal events give equal bytes. An unpaired surrogate in an attribute, which is not text, is
 * kept as a question mark. Stateless, safe for any thread.
 */
public final class EventCodec {

  private static final int VERSION = 1;
  private static final int CRC_BYTES = 4;
  private static final int ROOM_FOR_ATTRIBUTES = 256;

  private EventCodec() {}

  /**
   * The event as bytes of the newest version.
   *
   * @throws IllegalArgumentException if they would exceed 2 GiB
   */
  public static byte[] encode(Event event) {
    ByteSink sink = new ByteSink(event.size() + ROOM_FOR_ATTRIBUTES);
    encode(event, sink);
    return sink.toByteArray();
  }

  private static void encode(Event event, ByteSink sink) {
    int start = sink.size();
    Instant time = event.time();
    sink.u8(VERSION);
    sink.text(event.id());
    sink.text(event.source());
    sink.text(event.type());
    sink.optionalText(event.subject());
    sink.i64(time.getEpochSecond());
    sink.i32(time.getNano());
    sink.optionalText(event.dataContentType());
    sink.optionalText(event.dataSchema());
    encodeExtensions(sink, event.extensions());
    sink.optionalBytes(event.key());
    sink.length(event.headers().size());
    for (Header header : event.headers()) {
      sink.text(header.name());
      sink.optionalBytes(header.value());
    }
    sink.optionalBytes(event.data());
    sink.i32(checksum(sink.array(), start, sink.size() - start));
  }

  /**
   * Several events as one sequence of bytes: for each, in their order, the length of its {@link
   * #encode encoding} as a u32, and the encoding.
   *
   * @throws IllegalArgumentException if they would exceed 2 GiB
   */
  public static byte[] encodeAll(List<? extends Event> events) {
    long expected = 0;
    for (Event event : events) {
      expected += event.size() + ROOM_FOR_ATTRIBUTES;
    }
    ByteSink sink = new ByteSink((int) Math.min(expected, Integer.MAX_VALUE));
    for (Event event : events) {
      int length = sink.size();
      sink.i32(0);
      encode(event, sink);
      sink.i32At(length, sink.size() - length - Integer.BYTES);
    }
    return sink.toByteArray();
  }

  /**
   * The encodings of the single events that {@link #encodeAll} put together. They are not looked
   * into: one that is damaged does not hide the others.
   *
   * @throws MalformedEventException if the bytes are not so many encodings
   */
  public static List<byte[]> split(byte[] bytes, int count) {
    ByteSource source = new ByteSource(bytes, bytes.length);
    List<byte[]> encodings = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      encodings.add(source.bytes(source.i32("length"), "event"));
    }
    source.requireEnd();
    return encodings;
  }

  /**
   * The event that {@link #encode} made these bytes of. Believes none of the lengths in them:
   * memory used stays in proportion to {@code bytes.length}.
   *
   * @throws MalformedEventException if the bytes are not such an event, whole and unchanged, or are
   *     of a version newer than this code
   */
  public static DetachedEvent decode(byte[] bytes) {
    ByteSource source = new ByteSource(bytes, bodyLength(bytes));
    try {
      source.u8();
      DetachedEvent event =
          new DetachedEvent(
              source.text("id"),
              source.text("source"),
              source.text("type"),
              source.optionalText("subject"),
              Instant.ofEpochSecond(source.i64("time"), nanoseconds(source.i32("time"))),
              source.optionalText("dataContentType"),
              source.optionalText("dataSchema"),
              decodeExtensions(source),
              source.optionalBytes("key"),
              decodeHeaders(source),
              source.optionalBytes("data"));
      source.requireEnd();
      return event;
    } catch (IllegalArgumentException | DateTimeException e) {
      throw new MalformedEventException("encoded event is malformed: " + e.getMessage(), e);
    }
  }

  private static int bodyLength(byte[] bytes) {
    if (bytes.length == 0) {
      throw new MalformedEventException("encoded event is empty");
    }
    int version = bytes[0] & 0xff;
    if (version == 0) {
      throw new MalformedEventException("not an encoded event: it starts with version 0");
    }
    if (version > VERSION) {
      throw new MalformedEventException(
          "encoded event has format version %d, this Millrace reads up to %d; use a newer one"
              .formatted(version, VERSION));
    }
    int body = bytes.length - CRC_BYTES;
    if (body < 1
        || checksum(bytes, 0, body) != new ByteSource(bytes, bytes.length, body).i32("crc")) {
      throw new MalformedEventException(
          "encoded event of %d bytes is damaged or cut off: its checksum does not fit"
              .formatted(bytes.length));
    }
    return body;
  }

  private static int nanoseconds(int value) {
    if (value < 0 || value > 999_999_999) {
      throw new MalformedEventException("encoded event is malformed: time of " + value + " ns");
    }
    return value;
  }

  private static void encodeExtensions(ByteSink sink, Map<String, String> extensions) {
    sink.length(extensions.size());
    Map<String, String> sorted = extensions.size() > 1 ? new TreeMap<>(extensions) : extensions;
    sorted.forEach(
        (name, value) -> {
          sink.text(name);
          sink.text(value);
        });
  }

  private static Map<String, String> decodeExtensions(ByteSource source) {
    int count = source.count("extensions");
    Map<String, String> extensions = new HashMap<>();
    for (int i = 0; i < count; i++) {
      String name = source.text("extension name");
      if (extensions.put(name, source.text("extension value")) != null) {
        throw new MalformedEventException(
            "encoded event is malformed: extension '" + name + "' occurs twice");
      }
    }
    return extensions;
  }

  private static List<Header> decodeHeaders(ByteSource source) {
    int count = source.count("headers");
    List<Header> headers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      headers.add(new Header(source.text("header name"), source.optionalBytes("header value")));
    }
    return headers;
  }

  private static int checksum(byte[] bytes, int from, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, from, length);
    return (int) crc.getValue();
  }
}
