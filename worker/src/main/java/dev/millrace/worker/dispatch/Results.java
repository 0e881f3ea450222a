package dev.millrace.worker.dispatch;

import dev.millrace.abi.Event;
import dev.millrace.abi.Header;
import dev.millrace.abi.Message;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What goes out when a function has succeeded: what it published, and its reply. */
final class Results {

  private Results() {}

  static List<Message> of(Event event, Outcome.Succeeded succeeded, Optional<String> replyTo) {
    byte[] reply = succeeded.reply();
    List<Message> publishes = addressed(succeeded.publishes(), replyTo);
    if (replyTo.isEmpty() || reply == null) {
      return publishes;
    }
    List<Header> headers = new ArrayList<>(succeeded.replyHeaders());
    headers.addAll(replyHeaders(event));
    List<Message> messages = new ArrayList<>(publishes);
    messages.add(new Message(replyTo.get(), event.key(), headers, reply));
    return messages;
  }

  /** What goes where replies go gets that destination; without one it goes nowhere, as they do. */
  private static List<Message> addressed(List<Message> publishes, Optional<String> replyTo) {
    if (publishes.isEmpty()
        || publishes.stream().noneMatch(message -> message.to().equals(Message.TO_REPLY))) {
      return publishes;
    }
    List<Message> addressed = new ArrayList<>(publishes.size());
    for (Message message : publishes) {
      if (!message.to().equals(Message.TO_REPLY)) {
        addressed.add(message);
      } else if (replyTo.isPresent()) {
        addressed.add(new Message(replyTo.get(), message.key(), message.headers(), message.data()));
      }
    }
    return addressed;
  }

  /**
   * A reply carries the id of the event it answers, so that a consumer can drop a duplicate, and
   * its trace.
   */
  private static List<Header> replyHeaders(Event event) {
    List<Header> headers = new ArrayList<>(2);
    headers.add(new Header("millrace-event-id", event.id().getBytes(StandardCharsets.UTF_8)));
    for (String name : List.of("traceparent", "tracestate")) {
      String value = event.extensions().get(name);
      if (value != null) {
        headers.add(new Header(name, value.getBytes(StandardCharsets.UTF_8)));
      }
    }
    return headers;
  }
}
