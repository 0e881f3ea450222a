package dev.millrace.abi;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

class EventCodecTest {

  private static final DetachedEvent FULL =
      new DetachedEvent(
          "kafka:orders/3/1042",
          "kafka:orders",
          "dev.millrace.kafka.record",
          Optional.of("order 7"),
          Instant.parse("2026-11-22T21:28:00.123456789Z"),
          Optional.of("application/json"),
          Optional.of("https://example.org/schema"),
          Map.of("kafkatopic", "orders", "traceparent", "00-1-2-01", "z", ""),
          new byte[] {0, -1, 7},
          List.of(
              new Header("a", new byte[] {(byte) 0xc3, 0x28}),
              new Header("a", null),
              new Header("", new byte[0])),
          "{\"amount\": -1}".getBytes(StandardCharsets.UTF_8));

  @Test
  void keepsEveryAttributeAndEveryByte() {
    assertSame(FULL, EventCodec.decode(EventCodec.encode(FULL)));
  }

  @Test
  void tellsAbsentKeyHeaderValueAndDataFromEmptyOnes() {
    DetachedEvent none = DetachedEvent.of("1", "s", "t", Instant.EPOCH, (byte[]) null);
    DetachedEvent empty = none.withKey(new byte[0]).withHeaders(List.of(new Header("h", null)));

    DetachedEvent noneAgain = EventCodec.decode(EventCodec.encode(none));
    DetachedEvent emptyAgain = EventCodec.decode(EventCodec.encode(empty));

    assertNull(noneAgain.key());
    assertNull(noneAgain.data());
    assertNotNull(emptyAgain.key());
    assertEquals(0, emptyAgain.key().length);
    assertNull(emptyAgain.headers().getFirst().value());
  }

  @Test
  void keepsAnyEvent() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 5_000; i++) {
      DetachedEvent event = randomEvent(random);
      byte[] encoded = EventCodec.encode(event);
      assertSame(event, EventCodec.decode(encoded), "seed " + seed + ", event " + i);
      assertArrayEquals(encoded, EventCodec.encode(EventCodec.decode(encoded)), "seed " + seed);
    }
  }

  @Test
  void keepsTheLimitsOfTime() {
    for (Instant time : List.of(Instant.MIN, Instant.MAX, Instant.EPOCH.minusNanos(1))) {
      DetachedEvent event = DetachedEvent.of("1", "s", "t", time, new byte[0]);
      assertEquals(time, EventCodec.decode(EventCodec.encode(event)).time());
    }
  }

  @Test
  void refusesBytesThatAreCutOff() {
    byte[] encoded = EventCodec.encode(FULL);
    for (int length = 0; length < encoded.length; length++) {
      byte[] cut = Arrays.copyOf(encoded, length);
      assertThrows(MalformedEventException.class, () -> EventCodec.decode(cut));
    }
  }

  @Test
  void refusesBytesWithAnyBitChanged() {
    byte[] encoded = EventCodec.encode(FULL);
    for (int bit = 0; bit < encoded.length * 8; bit++) {
      byte[] changed = encoded.clone();
      changed[bit / 8] ^= (byte) (1 << bit % 8);
      assertThrows(MalformedEventException.class, () -> EventCodec.decode(changed), "bit " + bit);
    }
  }

  @Test
  void refusesANewerFormatAndSaysSo() {
    byte[] encoded = EventCodec.encode(FULL);
    encoded[0] = 2;
    MalformedEventException refusal =
        assertThrows(MalformedEventException.class, () -> EventCodec.decode(encoded));
    assertTrue(refusal.getMessage().contains("format version 2"), refusal.getMessage());
  }

  @Test
  void refusesBytesThatFollowTheEvent() {
    byte[] encoded = EventCodec.encode(FULL);
    byte[] longer = withChecksum(Arrays.copyOf(encoded, encoded.length + 1));
    assertThrows(MalformedEventException.class, () -> EventCodec.decode(longer));
  }

  @Test
  void putsEventsTogetherAndTakesThemApart() {
    DetachedEvent small = DetachedEvent.of("1", "s", "t", Instant.EPOCH, new byte[0]);
    List<DetachedEvent> events = List.of(FULL, small, FULL);

    List<byte[]> apart = EventCodec.split(EventCodec.encodeAll(events), 3);

    assertEquals(3, apart.size());
    for (int i = 0; i < 3; i++) {
      assertArrayEquals(EventCodec.encode(events.get(i)), apart.get(i));
    }
  }

  @Test
  void takesNothingApartThatIsNotSoManyEvents() {
    byte[] two = EventCodec.encodeAll(List.of(FULL, FULL));
    for (int count : List.of(0, 1, 3)) {
      assertThrows(MalformedEventException.class, () -> EventCodec.split(two, count));
    }
    for (int length = 0; length < two.length; length++) {
      byte[] cut = Arrays.copyOf(two, length);
      assertThrows(MalformedEventException.class, () -> EventCodec.split(cut, 2));
    }
    for (int length : List.of(-1, Integer.MIN_VALUE, Integer.MAX_VALUE)) {
      byte[] hostile = two.clone();
      ByteBuffer.wrap(hostile).putInt(0, length);
      assertThrows(MalformedEventException.class, () -> EventCodec.split(hostile, 2));
    }
  }

  /** A claim of two billion bytes, headers or extensions must cost nothing. */
  @Test
  void allocatesNothingForLengthsThatCannotBeTrue() {
    byte[] encoded = EventCodec.encode(DetachedEvent.of("1", "s", "t", Instant.EPOCH, new byte[0]));
    for (int at = 1; at < encoded.length - 4; at++) {
      byte[] hostile = new byte[encoded.length + 4];
      System.arraycopy(encoded, 0, hostile, 0, at);
      Arrays.fill(hostile, at, at + 4, (byte) 0xff);
      hostile[at + 4] = 0x07;
      System.arraycopy(encoded, at + 1, hostile, at + 5, encoded.length - at - 5);
      assertRefusedOrDecoded(withChecksum(hostile));
    }
  }

  /** Damage that a checksum does not show ends in an event or in the one declared exception. */
  @Test
  void survivesHostileBytesThatHaveARightChecksum() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    byte[] encoded = EventCodec.encode(FULL);
    for (int i = 0; i < 50_000; i++) {
      byte[] hostile = encoded.clone();
      for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
        hostile[1 + random.nextInt(hostile.length - 5)] = (byte) random.nextInt();
      }
      assertRefusedOrDecoded(withChecksum(hostile));
    }
  }

  private static void assertRefusedOrDecoded(byte[] hostile) {
    DetachedEvent event;
    try {
      event = EventCodec.decode(hostile);
    } catch (MalformedEventException expected) {
      assertTrue(expected.getMessage().startsWith("encoded event is malformed"));
      return;
    }
    assertTrue(event.size() <= hostile.length);
  }

  private static byte[] withChecksum(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, bytes.length - 4);
    ByteBuffer.wrap(bytes).putInt(bytes.length - 4, (int) crc.getValue());
    return bytes;
  }

  private static DetachedEvent randomEvent(Random random) {
    return new DetachedEvent(
        "i" + text(random),
        "s" + text(random),
        "t" + text(random),
        optional(random),
        Instant.ofEpochSecond(random.nextInt(), random.nextInt(1_000_000_000)),
        optional(random),
        optional(random),
        random.nextBoolean() ? Map.of() : Map.of("a" + text(random), text(random), "b", ""),
        bytes(random),
        random
            .ints(random.nextInt(4))
            .mapToObj(i -> new Header(text(random), bytes(random)))
            .toList(),
        bytes(random));
  }

  private static Optional<String> optional(Random random) {
    return random.nextBoolean() ? Optional.empty() : Optional.of(text(random));
  }

  /** Text of one- to four-byte characters, now and then longer than one length byte counts. */
  private static String text(Random random) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(random.nextInt(20) == 0 ? 400 : 12); i > 0; i--) {
      int[] alphabet = {'a', '\n', 0, 0xe9, 0x20ac, 0xffff, 0x1f600};
      text.appendCodePoint(alphabet[random.nextInt(alphabet.length)]);
    }
    return text.toString();
  }

  private static byte[] bytes(Random random) {
    if (random.nextInt(4) == 0) {
      return null;
    }
    byte[] bytes = new byte[random.nextInt(random.nextInt(20) == 0 ? 40_000 : 200)];
    random.nextBytes(bytes);
    return bytes;
  }

  private static void assertSame(DetachedEvent expected, DetachedEvent actual) {
    assertSame(expected, actual, "");
  }

  /** Records compare arrays by identity; events are compared by content here. */
  private static void assertSame(DetachedEvent expected, DetachedEvent actual, String message) {
    assertArrayEquals(expected.key(), actual.key(), message);
    assertArrayEquals(expected.data(), actual.data(), message);
    assertEquals(expected.headers().size(), actual.headers().size(), message);
    for (int i = 0; i < expected.headers().size(); i++) {
      assertEquals(expected.headers().get(i).name(), actual.headers().get(i).name(), message);
      assertArrayEquals(
          expected.headers().get(i).value(), actual.headers().get(i).value(), message);
    }
    assertEquals(
        List.of(expected.id(), expected.source(), expected.type(), expected.subject()),
        List.of(actual.id(), actual.source(), actual.type(), actual.subject()),
        message);
    assertEquals(
        List.of(
            expected.time(),
            expected.dataContentType(),
            expected.dataSchema(),
            expected.extensions()),
        List.of(actual.time(), actual.dataContentType(), actual.dataSchema(), actual.extensions()),
        message);
  }
}
