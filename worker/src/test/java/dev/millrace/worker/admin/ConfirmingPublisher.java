package dev.millrace.worker.admin;

import dev.millrace.abi.Message;
import dev.millrace.triggers.Publisher;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** A publisher that gives one answer to everything. */
record ConfirmingPublisher(CompletionStage<Void> answer) implements Publisher {

  @Override
  public CompletionStage<Void> publish(List<Message> messages) {
    return answer;
  }

  @Override
  public void close() {}
}
