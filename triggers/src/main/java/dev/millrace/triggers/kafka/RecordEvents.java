package dev.millrace.triggers.kafka;

import dev.millrace.abi.Event;
import java.util.Locale;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Headers;

/**
 * Makes the event of a record: a CloudEvent where the record is one, in either content mode of the
 * CloudEvents Kafka protocol binding, and else a plain {@link KafkaEvent}.
 *
 * <p>A record that claims to be a CloudEvent and is not a valid one is not lost and not judged
 * here: it arrives as a plain record, whole, with the extension {@link
 * Coordinates#CLOUD_EVENT_ERROR} saying what is wrong.
 *
 * @see <a
 *     href="https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md">Kafka
 *     protocol binding 1.0.2</a>
 */
final class RecordEvents {

  private static final String STRUCTURED = "application/cloudevents";

  private RecordEvents() {}

  static Event of(ConsumerRecord<byte[], byte[]> record, Arrival arrival) {
    Headers headers = record.headers();
    try {
      Optional<String> contentType = RecordHeaders.text(headers, RecordHeaders.CONTENT_TYPE);
      if (contentType.isPresent() && isStructured(contentType.get())) {
        return StructuredCloudEvent.read(record, arrival, contentType.get());
      }
      if (headers.lastHeader(BinaryCloudEvent.SPEC_VERSION_HEADER) != null) {
        return BinaryCloudEvent.read(record, arrival);
      }
      return new KafkaEvent(record, arrival, null);
    } catch (MalformedCloudEventException e) {
      return new KafkaEvent(record, arrival, e.getMessage());
    }
  }

  /** Whether a content type says that the whole value is a CloudEvent. */
  static boolean isStructured(String contentType) {
    return contentType.regionMatches(true, 0, STRUCTURED, 0, STRUCTURED.length());
  }

  /** A media type without its parameters, in lower case. */
  static String mediaType(String contentType) {
    int parameters = contentType.indexOf(';');
    String type = parameters < 0 ? contentType : contentType.substring(0, parameters);
    return type.strip().toLowerCase(Locale.ROOT);
  }
}
