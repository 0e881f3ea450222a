package dev.millrace.worker.dispatch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.abi.Header;
import dev.millrace.abi.Message;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Which messages go out when a function has succeeded. */
class ResultsTest {

  private static final DetachedEvent EVENT =
      DetachedEvent.of("e-1", "test", "t", Instant.EPOCH, "x");
  private static final Optional<String> REPLY_TO = Optional.of("events/out");

  private static Message message(String to) {
    return new Message(
        to, new byte[] {1}, List.of(new Header("a", new byte[] {2})), new byte[] {3});
  }

  @Test
  void whatGoesWhereRepliesGoKeepsItsKeyAndHeaders() {
    Outcome.Succeeded done =
        new Outcome.Succeeded(null, List.of(message(Message.TO_REPLY), message("events/other")));

    List<Message> sent = Results.of(EVENT, done, REPLY_TO);

    assertEquals(List.of("events/out", "events/other"), sent.stream().map(Message::to).toList());
    assertArrayEquals(new byte[] {1}, sent.getFirst().key());
    assertEquals(List.of("a"), sent.getFirst().headers().stream().map(Header::name).toList());
  }

  @Test
  void withoutAPlaceForRepliesItGoesNowhere() {
    Outcome.Succeeded done =
        new Outcome.Succeeded(null, List.of(message(Message.TO_REPLY), message("events/other")));

    assertEquals(
        List.of("events/other"),
        Results.of(EVENT, done, Optional.empty()).stream().map(Message::to).toList());
  }

  @Test
  void theHeadersOfAReplyComeBeforeThoseThatNameItsEvent() {
    Outcome.Succeeded done =
        new Outcome.Succeeded(
            new byte[] {9}, List.of(new Header("tenant", new byte[] {7})), List.of());

    Message reply = Results.of(EVENT, done, REPLY_TO).getFirst();

    assertEquals(
        List.of("tenant", "millrace-event-id"),
        reply.headers().stream().map(Header::name).toList());
  }
}
