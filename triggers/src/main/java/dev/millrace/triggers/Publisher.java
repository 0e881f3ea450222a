package dev.millrace.triggers;

import dev.millrace.abi.Message;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** Sends messages over one connection of the manifest. Safe for any thread. */
public interface Publisher extends AutoCloseable {

  /**
   * Sends messages, in their order, and completes when the broker has confirmed every one of them.
   * Completes exceptionally with a {@link PublishException} when any was not confirmed; some may
   * then have been sent. Does not block, and bounds what it holds in memory by failing rather than
   * waiting.
   *
   * @param messages messages whose {@link Message#to} names this connection
   */
  CompletionStage<Void> publish(List<Message> messages);

  /** Ends it; what is not confirmed by then fails. */
  @Override
  void close();
}
