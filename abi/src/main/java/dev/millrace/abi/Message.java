package dev.millrace.abi;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One message that a function publishes.
 *
 * @param to the destination as the manifest writes it: {@code connection/target}, for example
 *     {@code events/orders.charged} or {@code cache/stream:charged}; or {@link #TO_REPLY}
 * @param key the transport's key, {@code null} for none
 * @param headers the transport's headers in their order
 * @param data the payload, {@code null} for a Kafka tombstone; not copied
 */
public record Message(
    String to, byte @Nullable [] key, List<Header> headers, byte @Nullable [] data) {

  /** Stands for where the trigger's replies go, if they go anywhere. */
  public static final String TO_REPLY = "";

  public Message {
    headers = List.copyOf(headers);
  }

  /** A message without key and headers. */
  public static Message of(String to, byte[] data) {
    return new Message(to, null, List.of(), data);
  }

  /** The bytes this message counts for against a limit: data, key and headers. */
  public int size() {
    int size = (data == null ? 0 : data.length) + (key == null ? 0 : key.length);
    for (Header header : headers) {
      size += header.name().length() + (header.value() == null ? 0 : header.value().length);
    }
    return size;
  }
}
