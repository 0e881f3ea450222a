package dev.millrace.triggers.redis;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.millrace.abi.Header;
import dev.millrace.triggers.Told;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StreamEventTest {

  private static final EntryId ID = EntryId.parse("1700000000123-4");

  private static StreamEvent event(Object... namesAndValues) {
    return eventWithKey("key", namesAndValues);
  }

  private static StreamEvent eventWithKey(String keyField, Object... namesAndValues) {
    List<byte[]> fields = new ArrayList<>();
    for (Object part : namesAndValues) {
      fields.add(part instanceof byte[] bytes ? bytes : Servers.utf8((String) part));
    }
    return StreamEvent.of("orders", "redis:orders", ID, fields, keyField);
  }

  private static List<String> shown(List<Header> headers) {
    return headers.stream()
        .map(
            h ->
                h.name()
                    + "="
                    + (h.value() == null
                        ? null
                        : new String(h.value(), java.nio.charset.StandardCharsets.UTF_8)))
        .toList();
  }

  @Test
  void tellsItsReceiptInPartsWhateverTheIdIs() {
    for (EntryId id : List.of(ID, new EntryId(0, 0), new EntryId(-1, Long.MIN_VALUE))) {
      StreamEvent event = StreamEvent.of("orders", "redis:orders", id, List.of(), "key");

      assertEquals("redis:orders:" + id, event.receipt());
      assertEquals(event.receipt(), Told.by(event));
    }
  }

  @Test
  void hasTheAttributesOfItsEntry() {
    StreamEvent event = event("data", "x");

    assertEquals("redis:orders:1700000000123-4", event.id());
    assertEquals("redis:orders:1700000000123-4", event.receipt());
    assertEquals("redis:orders", event.source());
    assertEquals("dev.millrace.redis.entry", event.type());
    assertEquals(Instant.ofEpochMilli(1700000000123L), event.time());
    assertEquals(
        Map.of("redisstream", "orders", "redisentry", "1700000000123-4"), event.extensions());
    assertEquals(Optional.empty(), event.dataContentType());
  }

  @Test
  void readsAMessageOfOurOwnPublisherBack() {
    byte[] data = {0, (byte) 0xff, 10};

    StreamEvent event =
        event(
            "data", data, "key", "k", "h:a", "1", "h:a", "2", "h0:b", "", "h:traceparent", "00-1");

    assertArrayEquals(data, event.data());
    assertArrayEquals(Servers.utf8("k"), event.key());
    assertEquals(List.of("a=1", "a=2", "b=null", "traceparent=00-1"), shown(event.headers()));
    assertEquals("00-1", event.extensions().get("traceparent"));
  }

  @Test
  void readsAMessageWithoutDataAndADeadLetterBack() {
    StreamEvent tombstone = event("key", "k", "h:a", "1");
    StreamEvent letter = event("key", "k", "millrace-id", "t/1", "millrace-event-type", "order");

    assertNull(tombstone.data());
    assertArrayEquals(Servers.utf8("k"), tombstone.key());
    assertNull(letter.data());
    assertEquals(List.of("millrace-id=t/1", "millrace-event-type=order"), shown(letter.headers()));
  }

  @Test
  void takesFieldsBesideTheDataAsHeaders() {
    StreamEvent event =
        eventWithKey("user", "data", "{}", "user", "7", "content-type", "application/json");

    assertArrayEquals(Servers.utf8("7"), event.key());
    assertEquals(List.of("user=7", "content-type=application/json"), shown(event.headers()));
    assertEquals(Optional.of("application/json"), event.dataContentType());
  }

  @Test
  void writesAnEntryWithoutDataAsJson() {
    StreamEvent event =
        eventWithKey(
            "user",
            "user",
            "7",
            "say \"hi\"",
            "a\nb",
            "tag",
            "x",
            "tag",
            "y",
            "raw",
            new byte[] {-1});

    assertEquals(
        "{\"user\":\"7\",\"say \\\"hi\\\"\":\"a\\nb\",\"tag\":[\"x\",\"y\"],\"raw_base64\":\"/w==\"}",
        Streams.text(event));
    assertArrayEquals(Servers.utf8("7"), event.key());
    assertEquals(List.of(), event.headers());
    assertEquals(Optional.of("application/json"), event.dataContentType());
  }
}
