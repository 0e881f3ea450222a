package dev.millrace.triggers;

import java.util.concurrent.CompletionStage;

/** Keeps dead letters. Safe for any thread. */
public interface DeadLetterSink extends AutoCloseable {

  /**
   * Stores a dead letter and completes once it is durable as far as the sink can promise. Completes
   * exceptionally when it is not; the worker then holds the event and asks again. Storing the same
   * {@link DeadLetter#id} twice is harmless. Does not block.
   */
  CompletionStage<Void> store(DeadLetter letter);

  /** What a person calls it: {@code store} or {@code events/orders.dlq}. */
  String description();

  /** Ends it; what is not confirmed by then fails. */
  @Override
  void close();
}
