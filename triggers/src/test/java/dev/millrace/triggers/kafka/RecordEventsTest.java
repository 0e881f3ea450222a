package dev.millrace.triggers.kafka;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.abi.Event;
import dev.millrace.abi.Header;
import dev.millrace.triggers.Told;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RecordEventsTest {

  private static final Instant RECEIVED = Instant.parse("2026-03-01T00:00:00Z");
  private static final Arrival ARRIVAL = new Arrival("charge", RECEIVED);
  private static final byte[] NOT_UTF_8 = {(byte) 0xff, 0, (byte) 0xc3, 0x28};

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static Header header(String name, String value) {
    return new Header(name, utf8(value));
  }

  private static ConsumerRecord<byte[], byte[]> record(
      long timestamp, byte @Nullable [] key, byte @Nullable [] value, List<Header> headers) {
    return new ConsumerRecord<>(
        "orders",
        3,
        1042,
        timestamp,
        timestamp < 0 ? TimestampType.NO_TIMESTAMP_TYPE : TimestampType.CREATE_TIME,
        key == null ? -1 : key.length,
        value == null ? -1 : value.length,
        key,
        value,
        RecordHeaders.toKafka(headers),
        Optional.empty());
  }

  private static Event event(byte @Nullable [] value, Header... headers) {
    return RecordEvents.of(record(1_000, null, value, List.of(headers)), ARRIVAL);
  }

  private static Event structured(String json) {
    return event(utf8(json), header("content-type", "application/cloudevents+json"));
  }

  private static Event binary(byte @Nullable [] value, Header... more) {
    List<Header> headers =
        new ArrayList<>(
            List.of(
                header("ce_specversion", "1.0"),
                header("ce_id", "A-1"),
                header("ce_source", "/shop"),
                header("ce_type", "order.created")));
    headers.addAll(List.of(more));
    return event(value, headers.toArray(Header[]::new));
  }

  private static String text(Event event) {
    return new String(event.data(), StandardCharsets.UTF_8);
  }

  private static void assertPlain(Event event, String reason) {
    assertEquals("kafka:orders/3/1042", event.id());
    assertEquals("dev.millrace.kafka.record", event.type());
    String error = event.extensions().get("cloudeventerror");
    assertTrue(error != null && error.contains(reason), "said: " + error);
  }

  @Test
  void aPlainRecordCountsItsKeyDataAndHeadersAndIsNamedByItsPlace() {
    Event event =
        RecordEvents.of(
            record(1_000, utf8("key"), utf8("value"), List.of(header("name", "text"))), ARRIVAL);

    assertEquals(3 + 5 + 4 + 4, event.size());
    assertEquals("kafka:orders/3/1042", event.receipt());
  }

  @Test
  void aPlainRecordTellsWhereItWas() {
    Event event = RecordEvents.of(record(1_000, utf8("k"), utf8("v"), List.of()), ARRIVAL);

    assertEquals("kafka:orders/3/1042", event.id());
    assertEquals(event.receipt(), Told.by(event));
    assertEquals("kafka:orders", event.source());
    assertEquals(Optional.empty(), event.subject());
    assertEquals(Instant.ofEpochMilli(1_000), event.time());
    assertEquals(
        Map.of(
            "kafkatopic", "orders",
            "kafkapartition", "3",
            "kafkaoffset", "1042",
            "kafkatimestamp", "1000",
            "kafkatimestamptype", "CreateTime",
            "kafkagroup", "charge"),
        event.extensions());
    assertEquals(2, event.size());
  }

  @Test
  void aRecordWithoutTimestampHasTheTimeOfReceipt() {
    assertEquals(RECEIVED, RecordEvents.of(record(-1, null, null, List.of()), ARRIVAL).time());
  }

  @Test
  void aTombstoneHasNoData() {
    Event event = event(null);

    assertNull(event.data());
    assertNull(event.key());
    assertEquals(0, event.size());
  }

  @Test
  void headersAreKeptByteForByteAndInOrder() {
    Event event =
        event(
            utf8("v"),
            new Header("b", NOT_UTF_8),
            new Header("a", null),
            new Header("b", new byte[0]),
            new Header("content-type", NOT_UTF_8),
            new Header("traceparent", NOT_UTF_8));

    assertEquals(
        List.of("b", "a", "b", "content-type", "traceparent"),
        event.headers().stream().map(Header::name).toList());
    assertArrayEquals(NOT_UTF_8, event.headers().get(0).value());
    assertNull(event.headers().get(1).value());
    assertEquals(0, event.headers().get(2).value().length);
    assertEquals(Optional.empty(), event.dataContentType(), "not text, so no media type");
    assertFalse(event.extensions().containsKey("traceparent"));
  }

  @Test
  void theTraceContextTravelsIn() {
    Event event = event(utf8("v"), header("traceparent", "00-1"), header("tracestate", "a=b"));

    assertEquals("00-1", event.extensions().get("traceparent"));
    assertEquals("a=b", event.extensions().get("tracestate"));
  }

  @Test
  void aCloudEventIsToldApartFromOthersOfItsId() {
    Event event = binary(utf8("x"));

    assertEquals("A-1", event.id());
    assertEquals("kafka:orders/3/1042", event.receipt());
  }

  @Test
  void aBinaryCloudEventPassesThrough() {
    Event event =
        binary(
            NOT_UTF_8,
            header("ce_subject", "order/7"),
            header("ce_time", "2026-01-02T03:04:05.678+01:00"),
            header("ce_dataschema", "https://example.com/s"),
            header("ce_partitionkey", "7"),
            header("ce_traceparent", "00-ce"),
            header("traceparent", "00-plain"),
            header("content-type", "application/avro"));

    assertEquals("A-1", event.id());
    assertEquals("/shop", event.source());
    assertEquals("order.created", event.type());
    assertEquals(Optional.of("order/7"), event.subject());
    assertEquals(Instant.parse("2026-01-02T02:04:05.678Z"), event.time());
    assertEquals(Optional.of("https://example.com/s"), event.dataSchema());
    assertEquals(Optional.of("application/avro"), event.dataContentType());
    assertEquals("7", event.extensions().get("partitionkey"));
    assertEquals("00-ce", event.extensions().get("traceparent"), "the event's own wins");
    assertEquals("orders", event.extensions().get("kafkatopic"));
    assertEquals("3", event.extensions().get("kafkapartition"));
    assertEquals("1042", event.extensions().get("kafkaoffset"));
    assertArrayEquals(NOT_UTF_8, event.data());
    assertEquals(11, event.headers().size(), "its headers stay what they were");
  }

  @Test
  void aBinaryCloudEventWithoutTimeHasTheRecords() {
    assertEquals(Instant.ofEpochMilli(1_000), binary(null).time());
  }

  @ParameterizedTest
  @CsvSource({"ce_specversion, 0.3, 0.3", "ce_id, '', 'id', ", "ce_time, yesterday, yesterday"})
  void aMalformedBinaryCloudEventArrivesAsAPlainRecord(String name, String value, String reason) {
    Event event = binary(utf8("v"), header(name, value));

    assertPlain(event, reason);
    assertEquals("v", text(event));
  }

  @Test
  void anAttributeThatIsNotTextMakesAPlainRecord() {
    assertPlain(binary(utf8("v"), new Header("ce_subject", NOT_UTF_8)), "ce_subject");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"a\": 1.10, \"b\":[ 1,2 ]} | {\"a\": 1.10, \"b\":[ 1,2 ]}",
        "[1 ,  2] | [1 ,  2]",
        "\"text \\u00e4\" | \"text \\u00e4\"",
        "12345678901234567890.000 | 12345678901234567890.000",
        "true | true",
        "-0 | -0",
        "\"\" | \"\"",
        "{} | {}"
      })
  void jsonDataKeepsItsBytes(String data, String expected) {
    String start = "{\"specversion\":\"1.0\",\"id\":\"A\",\"source\":\"s\",";
    Event last = structured(start + "\"type\":\"t\",\"data\":" + data + "}");
    Event middle = structured(start + "\"data\" :  " + data + " ,\n\"type\":\"t\"}");

    assertEquals(expected, text(last));
    assertEquals(expected, text(middle));
  }

  @Test
  void largeJsonDataKeepsItsBytes() {
    String data = "{\"x\":\"" + "ä".repeat(100_000) + "\"}";

    Event event =
        structured(
            "{\"specversion\":\"1.0\",\"id\":\"A\",\"source\":\"s\",\"type\":\"t\",\"data\":"
                + data
                + "}");

    assertEquals(data, text(event));
  }

  @Test
  void aStructuredCloudEventPassesThrough() {
    Event event =
        structured(
            """
            {"specversion":"1.0","id":"A-2","source":"/shop","type":"order.paid",
             "time":"2026-01-02T03:04:05Z","subject":"s","dataschema":"d",
             "datacontenttype":"text/plain","count":5,"flag":true,"none":null,
             "data":"gr\\u00fcn"}
            """);

    assertEquals("A-2", event.id());
    assertEquals(Instant.parse("2026-01-02T03:04:05Z"), event.time());
    assertEquals(Optional.of("text/plain"), event.dataContentType());
    assertEquals("5", event.extensions().get("count"));
    assertEquals("true", event.extensions().get("flag"));
    assertFalse(event.extensions().containsKey("none"));
    assertEquals("grün", text(event), "text that is not JSON is the string's content");
  }

  @Test
  void base64DataIsDecoded() {
    String start = "{\"specversion\":\"1.0\",\"id\":\"A\",\"source\":\"s\",\"type\":\"t\"";

    assertArrayEquals(NOT_UTF_8, structured(start + ",\"data_base64\":\"/wDDKA==\"}").data());
    assertNull(structured(start + ",\"data_base64\":null}").data());
    assertNull(structured(start + ",\"data\":null}").data());
    assertNull(structured(start + "}").data());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "[]",
        "not json",
        "{\"specversion\":\"1.0\"}",
        "{\"specversion\":\"1.0\",\"id\":\"A\",\"source\":\"s\",\"type\":\"t\"} {}",
        "{\"specversion\":\"1.0\",\"id\":\"A\",\"id\":\"B\",\"source\":\"s\",\"type\":\"t\"}",
        "{\"specversion\":\"1.0\",\"id\":{},\"source\":\"s\",\"type\":\"t\"}",
        "{\"specversion\":\"1.0\",\"id\":\"A\",\"source\":\"s\",\"type\":\"t\",\"myExt\":1}",
        "{\"specversion\":\"1.0\",\"id\":\"A\",\"source\":\"s\",\"type\":\"t\",\"data_base64\":\"?\"}",
        "{\"specversion\":\"1.0\",\"id\":\"A\",\"source\":\"s\",\"type\":\"t\",\"data_base64\":[]}",
        "{\"specversion\":\"1.0\",\"id\":\"A\",\"source\":\"s\",\"type\":\"t\",\"data\":1,\"data_base64\":\"\"}"
      })
  void aMalformedStructuredCloudEventArrivesAsAPlainRecord(String json) {
    Event event = structured(json);

    assertPlain(event, "");
    assertEquals(json, text(event));
  }

  @Test
  void aFormatThatIsNotReadArrivesAsAPlainRecord() {
    assertPlain(event(utf8("v"), header("content-type", "application/cloudevents+avro")), "+avro");
    assertPlain(event(null, header("content-type", "application/cloudevents+json")), "no value");
  }

  @Test
  void aDetachedEventIsTheSameEvent() {
    Event event =
        RecordEvents.of(record(5, utf8("k"), utf8("v"), List.of(header("a", "b"))), ARRIVAL);

    DetachedEvent detached = DetachedEvent.copyOf(event);

    assertEquals(event.id(), detached.id());
    assertEquals(event.extensions(), detached.extensions());
    assertEquals(event.headers().get(0).name(), detached.headers().get(0).name());
    assertEquals(event.size(), detached.size());
  }
}
