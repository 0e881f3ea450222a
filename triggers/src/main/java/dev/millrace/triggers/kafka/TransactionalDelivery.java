package dev.millrace.triggers.kafka;

import dev.millrace.abi.Event;
import dev.millrace.abi.Message;
import dev.millrace.triggers.Destination;
import dev.millrace.triggers.PublishException;
import dev.millrace.triggers.ResultPublisher;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A delivery that keeps the results of its event until they go out in the trigger's transaction.
 */
final class TransactionalDelivery extends Delivery implements ResultPublisher {

  private final String connection;
  private final @Nullable Refusal refusal;

  /** Written before the mailbox takes the delivery, read after it gave it back. */
  private List<Message> messages = List.of();

  /**
   * A delivery.
   *
   * @param connection the trigger's connection, to which its messages go
   * @param refusal what the broker refused for good when the record ran before
   */
  TransactionalDelivery(
      AssignedPartition partition,
      long offset,
      Event event,
      @Nullable Object lane,
      Mailbox mailbox,
      String connection,
      @Nullable Refusal refusal) {
    super(partition, offset, event, lane, mailbox);
    this.connection = connection;
    this.refusal = refusal;
  }

  @Override
  public Optional<ResultPublisher> results() {
    return Optional.of(this);
  }

  @Override
  public boolean takes(String destination) {
    return destination.startsWith(connection + "/");
  }

  @Override
  public CompletionStage<Void> publish(List<Message> results) {
    for (Message message : results) {
      if (!takes(message.to())) {
        return refuse(
            "a trigger with exactly_once publishes to its own connection '"
                + connection
                + "' only, not to "
                + message.to(),
            new IllegalArgumentException(message.to()));
      }
      if (refusal != null && refusal.topic().equals(Destination.parse(message.to()).target())) {
        return refuse(refusal.reason(), refusal.cause());
      }
    }
    messages = List.copyOf(results);
    return CompletableFuture.completedStage(null);
  }

  private static CompletionStage<Void> refuse(String reason, Throwable cause) {
    return CompletableFuture.failedStage(PublishException.permanent(reason, cause));
  }

  /** Whether something that it may publish is refused for good. */
  boolean isRefused() {
    return refusal != null;
  }

  /** What goes out with the acknowledgement. Only after the mailbox gave the delivery back. */
  List<Message> messages() {
    return messages;
  }
}
