package dev.millrace.worker.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.abi.Header;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** An event as the command line writes it, and reads it again. */
class EventJsonTest {

  private static final DetachedEvent BASE =
      DetachedEvent.of("new", "here", "test", Instant.EPOCH, (byte[]) null);
  private static final byte[] NOT_TEXT = {(byte) 0xff, 0, 1};

  @Test
  void readsWhatItWrote() {
    DetachedEvent event =
        new DetachedEvent(
            "a-1",
            "/shop",
            "order.created",
            Optional.of("7"),
            Instant.parse("2026-01-02T03:04:05Z"),
            Optional.of("application/json"),
            Optional.of("https://example.com/s"),
            Map.of("tenant", "eu"),
            NOT_TEXT,
            List.of(new Header("h", NOT_TEXT), new Header("absent", null)),
            "{\"x\":1}".getBytes(StandardCharsets.UTF_8));

    DetachedEvent read =
        EventJson.read(JsonMapper.shared().writeValueAsBytes(EventJson.write(event)), BASE);

    assertEquals(EventJson.write(event).toString(), EventJson.write(read).toString());
    assertArrayEquals(event.key(), read.key());
    assertArrayEquals(event.data(), read.data());
    assertArrayEquals(NOT_TEXT, read.headers().get(0).value());
    assertNull(read.headers().get(1).value());
  }

  @Test
  void takesWhatIsMissingFromTheBase() {
    DetachedEvent event = read("{\"data\": {\"amount\": 1}}");

    assertEquals("new", event.id());
    assertEquals("{\"amount\":1}", new String(event.data(), StandardCharsets.UTF_8));
  }

  @Test
  void saysWhatIsWrong() {
    assertEquals("the event is not a JSON object", problem("[]"));
    assertEquals("the event is not a JSON object", problem(""));
    assertEquals("attribute 'tags' of the event is not a text", problem("{\"tags\": []}"));
    assertEquals("data_base64 of the event is not base64", problem("{\"data_base64\": \"%\"}"));
    assertEquals(
        "'noon' is no time; write it as 2026-01-31T12:00:00Z", problem("{\"time\": \"noon\"}"));
    assertEquals("each of the event's headers needs a name", problem("{\"headers\": [{}]}"));
  }

  private static DetachedEvent read(String json) {
    return EventJson.read(json.getBytes(StandardCharsets.UTF_8), BASE);
  }

  private static String problem(String json) {
    return String.valueOf(
        assertThrows(IllegalArgumentException.class, () -> read(json)).getMessage());
  }
}
