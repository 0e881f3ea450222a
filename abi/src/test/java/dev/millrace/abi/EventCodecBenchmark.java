package dev.millrace.abi;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** An event of 1 KiB as the bytes that the store keeps, and back. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class EventCodecBenchmark {

  private static final DetachedEvent PLAIN =
      DetachedEvent.of(
          "redis:orders/1042",
          "redis:orders",
          "dev.millrace.redis.message",
          Instant.parse("2026-03-01T12:00:00.123456789Z"),
          new byte[1024]);

  /** As a record of Kafka has them: key, coordinates, trace and two headers. */
  private static final DetachedEvent FULL =
      new DetachedEvent(
          "kafka:orders/3/1042",
          "kafka:orders",
          "dev.millrace.kafka.record",
          Optional.of("order"),
          Instant.parse("2026-03-01T12:00:00.123456789Z"),
          Optional.of("application/json"),
          Optional.of("https://example.com/order"),
          Map.of(
              "kafkatopic", "orders",
              "kafkapartition", "3",
              "kafkaoffset", "1042",
              "kafkagroup", "charge",
              "traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
          "customer-4711".getBytes(StandardCharsets.UTF_8),
          List.of(
              new Header("tenant", "blue".getBytes(StandardCharsets.UTF_8)),
              new Header("version", "7".getBytes(StandardCharsets.UTF_8))),
          new byte[1024]);

  /** With the required attributes only, or with all there are. */
  @Param({"plain", "full"})
  private String attributes = "plain";

  private DetachedEvent event = PLAIN;
  private byte[] bytes = new byte[0];

  @Setup
  public void encodeOnce() {
    event = attributes.equals("plain") ? PLAIN : FULL;
    bytes = EventCodec.encode(event);
  }

  @Benchmark
  public byte[] encode() {
    return EventCodec.encode(event);
  }

  @Benchmark
  public DetachedEvent decode() {
    return EventCodec.decode(bytes);
  }
}
