package dev.millrace.triggers;

import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Keeps dead letters. Safe for any thread. */
public interface DeadLetterSink extends AutoCloseable {

  /**
   * Stores a dead letter and completes once it is durable as far as the sink can promise. Completes
   * exceptionally when it is not; the worker then holds the event and asks again. Storing the same
   * {@link DeadLetter#id} twice is harmless. Does not block.
   */
  CompletionStage<Void> store(DeadLetter letter);

  /**
   * Stores a dead letter as one with the acknowledgement of its event, if that can be: if {@code
   * results} takes messages to where this sink keeps letters. Else the same as {@link
   * #store(DeadLetter)}.
   *
   * @param results takes the results of the letter's event; empty where its source takes none
   */
  default CompletionStage<Void> store(DeadLetter letter, Optional<ResultPublisher> results) {
    return store(letter);
  }

  /** What a person calls it: {@code store} or {@code events/orders.dlq}. */
  String description();

  /** Ends it; what is not confirmed by then fails. */
  @Override
  void close();
}
