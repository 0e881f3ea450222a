package dev.millrace.worker.admin;

import dev.millrace.abi.Message;
import dev.millrace.triggers.Publisher;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.metrics.LongCounter;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** Counts the messages that went out over one connection, by whether the broker confirmed them. */
final class CountingPublisher implements Publisher {

  private final Publisher publisher;
  private final LongCounter sent;
  private final Attributes confirmed;
  private final Attributes failed;

  CountingPublisher(Publisher publisher, String connection, LongCounter sent) {
    this.publisher = publisher;
    this.sent = sent;
    this.confirmed = attributes(connection, "confirmed");
    this.failed = attributes(connection, "failed");
  }

  @Override
  public CompletionStage<Void> publish(List<Message> messages) {
    int count = messages.size();
    return publisher
        .publish(messages)
        .whenComplete((nothing, error) -> sent.add(count, error == null ? confirmed : failed));
  }

  @Override
  public void close() {
    publisher.close();
  }

  private static Attributes attributes(String connection, String outcome) {
    return Attributes.of(
        Instrument.Labels.KEY_CONNECTION, connection, Instrument.Labels.KEY_OUTCOME, outcome);
  }
}
