package dev.millrace.triggers.kafka;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.abi.Header;
import dev.millrace.abi.Message;
import dev.millrace.triggers.DeadLetter;
import dev.millrace.triggers.DeadLetterFields;
import dev.millrace.triggers.DeadLetterSink;
import dev.millrace.triggers.Destination;
import dev.millrace.triggers.Publisher;
import dev.millrace.triggers.ResultPublisher;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores dead letters in a Kafka topic.
 *
 * <p>A letter is one record: key, value and headers of the event byte for byte, and after them the
 * fields of {@link DeadLetterFields} as headers of UTF-8 text:
 *
 * <ul>
 *   <li>our own, {@code millrace-*};
 *   <li>for an event that came from Kafka, Spring's {@code kafka_dlt-original-*} in Spring's
 *       encodings ({@code -partition} is 4 bytes, big-endian, {@code -offset} and {@code
 *       -timestamp} are 8), and Kafka Connect's {@code __connect.errors.topic}, {@code .partition}
 *       and {@code .offset} (decimal text). Consoles that know either can send the record back;
 *   <li>Spring's {@code kafka_dlt-exception-*} and the rest of Connect's {@code
 *       __connect.errors.*}.
 * </ul>
 *
 * <p>A record that is too large for its topic with all that is written again with no more than
 * tells which letter it is and where the event was: an event of nearly the topic's limit would be
 * held for ever otherwise.
 *
 * <p>A structured CloudEvent (its headers say {@code content-type: application/cloudevents+json})
 * is written in CloudEvents' binary mode instead: the same event, its data as value and its
 * attributes as {@code ce_*} headers, in place of the {@code content-type} header.
 *
 * <p>A letter stored twice has the same {@code millrace-id} twice.
 */
public final class KafkaDeadLetterSink implements DeadLetterSink {

  private static final Logger LOG = LoggerFactory.getLogger(KafkaDeadLetterSink.class);

  private static final Pattern NUMBER = Pattern.compile("-?[0-9]{1,18}");

  private final Publisher publisher;
  private final Destination to;

  /**
   * A sink that writes to a topic.
   *
   * @param publisher a publisher of the destination's connection; stays the caller's, who closes it
   * @param to the connection and the topic
   */
  public KafkaDeadLetterSink(Publisher publisher, Destination to) {
    this.publisher = publisher;
    this.to = to;
  }

  @Override
  public CompletionStage<Void> store(DeadLetter letter) {
    return store(letter, publisher::publish);
  }

  @Override
  public CompletionStage<Void> store(DeadLetter letter, Optional<ResultPublisher> results) {
    return results
        .filter(own -> own.takes(to.toString()))
        .map(own -> store(letter, own::publish))
        .orElseGet(() -> store(letter));
  }

  private CompletionStage<Void> store(
      DeadLetter letter, Function<List<Message>, CompletionStage<Void>> outlet) {
    return outlet
        .apply(List.of(message(letter, true)))
        .exceptionallyCompose(
            failure -> {
              if (!isTooLarge(failure)) {
                return CompletableFuture.failedStage(failure);
              }
              LOG.atWarn()
                  .addKeyValue("letter", letter.id())
                  .addKeyValue("to", to)
                  .log(
                      "a dead letter is too large for its topic with all that is known of it;"
                          + " storing the event and its origin alone");
              return outlet.apply(List.of(message(letter, false)));
            });
  }

  private static boolean isTooLarge(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof RecordTooLargeException) {
        return true;
      }
    }
    return false;
  }

  @Override
  public String description() {
    return to.toString();
  }

  @Override
  public void close() {
    // the publisher is shared, and fails what is not confirmed when it is closed
  }

  private Message message(DeadLetter letter, boolean whole) {
    DetachedEvent event = letter.event();
    Headers headers = new Headers();
    if (StructuredCloudEvent.isSourceOf(event)) {
      headers.all.addAll(BinaryCloudEvent.headers(event));
    } else {
      headers.all.addAll(event.headers());
    }
    headers.texts(whole ? DeadLetterFields.own(letter) : DeadLetterFields.identity(letter));
    DeadLetterFields.origin(letter)
        .forEach(
            (name, value) -> {
              switch (name) {
                case "kafka_dlt-original-partition" -> headers.number(name, Integer.BYTES, value);
                case "kafka_dlt-original-offset", "kafka_dlt-original-timestamp" ->
                    headers.number(name, Long.BYTES, value);
                default -> headers.text(name, value);
              }
            });
    if (whole) {
      headers.texts(DeadLetterFields.failure(letter));
    }
    return new Message(to.toString(), event.key(), headers.all, event.data());
  }

  /** Headers in the making. */
  private static final class Headers {
    private final List<Header> all = new ArrayList<>();

    void texts(Map<String, String> fields) {
      fields.forEach(this::text);
    }

    void text(String name, String value) {
      all.add(new Header(name, value.getBytes(StandardCharsets.UTF_8)));
    }

    /** A number in big-endian bytes; nothing if the text is none, as only a forged one is. */
    void number(String name, int bytes, String decimal) {
      if (!NUMBER.matcher(decimal).matches()) {
        return;
      }
      byte[] eight = ByteBuffer.allocate(Long.BYTES).putLong(Long.parseLong(decimal)).array();
      all.add(new Header(name, Arrays.copyOfRange(eight, Long.BYTES - bytes, Long.BYTES)));
    }
  }
}
