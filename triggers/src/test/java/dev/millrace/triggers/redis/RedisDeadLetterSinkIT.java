package dev.millrace.triggers.redis;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.millrace.abi.DetachedEvent;
import dev.millrace.abi.Header;
import dev.millrace.triggers.Attempt;
import dev.millrace.triggers.DeadLetter;
import dev.millrace.triggers.Destination;
import dev.millrace.triggers.FailureKind;
import dev.millrace.triggers.local.LocalRedis;
import dev.millrace.triggers.testing.RedisBroker;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.RedisClient;

class RedisDeadLetterSinkIT {

  private static final Destination TO = new Destination("cache", "stream:dead");
  private static final byte[] DATA = {0, (byte) 0xff, 10};
  private static final byte[] KEY = {(byte) 0xc3, 0x28};

  private static DeadLetter letter(DetachedEvent event) {
    Instant at = Instant.parse("2026-01-02T03:04:05Z");
    return new DeadLetter(
        "orders/" + event.id(),
        event,
        "orders",
        "charge",
        "abc123",
        FailureKind.TRAP,
        "unreachable",
        at,
        at.plusSeconds(9),
        List.of(
            new Attempt(3, at, Duration.ofMillis(5), FailureKind.TRAP, "unreachable", "log tail")),
        3);
  }

  private static DetachedEvent event() {
    return new DetachedEvent(
        "kafka:orders/3/1042",
        "kafka:orders",
        "dev.millrace.kafka.record",
        Optional.of("about"),
        Instant.parse("2026-01-02T03:04:00Z"),
        Optional.of("application/json"),
        Optional.empty(),
        Map.of("kafkatopic", "orders", "kafkapartition", "3", "kafkaoffset", "1042"),
        KEY,
        List.of(new Header("a", new byte[] {(byte) 0xfe}), new Header("b", null)),
        DATA);
  }

  @Test
  void keepsTheEventByteForByteAndAllThatIsKnownOfItsFailure() throws Exception {
    try (LocalRedis redis = RedisBroker.killable(LocalRedis.Options.defaults());
        RedisClient client = Servers.client(Servers.to(redis));
        RedisDeadLetterSink sink = new RedisDeadLetterSink(TO, Servers.to(redis), cause -> {})) {
      sink.store(letter(event())).toCompletableFuture().get(60, TimeUnit.SECONDS);

      List<StreamReader.Entry> entries = StreamReader.entries(client, "dead");
      assertEquals(1, entries.size());
      StreamReader.Entry entry = entries.get(0);
      assertEquals(List.of("data", "key", "h:a", "h0:b"), entry.names().subList(0, 4));
      assertArrayEquals(DATA, entry.value(0));
      assertArrayEquals(KEY, entry.value(1));
      assertArrayEquals(new byte[] {(byte) 0xfe}, entry.value(2));
      assertEquals("orders/kafka:orders/3/1042", entry.text("millrace-id"));
      assertEquals("orders", entry.text("millrace-trigger"));
      assertEquals("charge", entry.text("millrace-function"));
      assertEquals("abc123", entry.text("millrace-version"));
      assertEquals("TRAP", entry.text("millrace-failure"));
      assertEquals("unreachable", entry.text("millrace-error"));
      assertEquals("log tail", entry.text("millrace-log"));
      assertEquals("3", entry.text("millrace-attempts"));
      assertEquals("2026-01-02T03:04:05Z", entry.text("millrace-received-at"));
      assertEquals("2026-01-02T03:04:14Z", entry.text("millrace-failed-at"));
      assertEquals("kafka:orders/3/1042", entry.text("millrace-event-id"));
      assertEquals("kafka:orders", entry.text("millrace-event-source"));
      assertEquals("dev.millrace.kafka.record", entry.text("millrace-event-type"));
      assertEquals("2026-01-02T03:04:00Z", entry.text("millrace-event-time"));
      assertEquals("about", entry.text("millrace-event-subject"));
      assertEquals("application/json", entry.text("millrace-event-datacontenttype"));
      assertFalse(entry.names().contains("millrace-event-dataschema"));
      assertEquals("orders", entry.text("millrace-event-kafkatopic"));
      assertEquals("orders", entry.text("kafka_dlt-original-topic"));
      assertEquals("1042", entry.text("__connect.errors.offset"));
      assertEquals("dev.millrace.failure.TRAP", entry.text("kafka_dlt-exception-fqcn"));
      assertEquals("cache/stream:dead", sink.description());
    }
  }

  @Test
  void isNotStoredWhereRedisDoesNotAnswer() {
    try (LocalRedis redis = RedisBroker.killable(LocalRedis.Options.defaults())) {
      redis.kill();
      try (RedisDeadLetterSink sink =
          new RedisDeadLetterSink(
              TO,
              new CommandSender(
                  "cache",
                  Servers.to(redis),
                  Servers.FAST,
                  Duration.ofMillis(200),
                  sinkless -> {},
                  cause -> {}))) {
        assertThrows(
            ExecutionException.class,
            () -> sink.store(letter(event())).toCompletableFuture().get(60, TimeUnit.SECONDS));
      }
    }
  }

  @Test
  void refusesAChannelBecauseItKeepsNothing() {
    IllegalArgumentException refusal =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                new RedisDeadLetterSink(
                    new Destination("cache", "channel:dead"), Servers.at(6379), cause -> {}));

    assertTrue(refusal.getMessage().contains("a channel keeps nothing"), refusal.getMessage());
    assertTrue(refusal.getMessage().contains("cache/stream:dead"), refusal.getMessage());
  }

  @Test
  void warnsWhereRedisKeepsNoAppendOnlyFile() throws Exception {
    assertEquals(1, warningsOnStoring(LocalRedis.Options.defaults()));
    assertEquals(0, warningsOnStoring(LocalRedis.Options.defaults().withAppendOnly()));
  }

  private static long warningsOnStoring(LocalRedis.Options options) throws Exception {
    Logger logger = (Logger) LoggerFactory.getLogger(RedisDeadLetterSink.class);
    ListAppender<ILoggingEvent> appender = new ListAppender<>();
    appender.start();
    logger.addAppender(appender);
    try (LocalRedis redis = RedisBroker.killable(options);
        RedisDeadLetterSink sink = new RedisDeadLetterSink(TO, Servers.to(redis), cause -> {})) {
      sink.store(letter(event())).toCompletableFuture().get(60, TimeUnit.SECONDS);
      sink.store(letter(event())).toCompletableFuture().get(60, TimeUnit.SECONDS);
    } finally {
      logger.detachAppender(appender);
    }
    return appender.list.stream()
        .filter(event -> event.getMessage().contains("no append-only file"))
        .count();
  }
}
