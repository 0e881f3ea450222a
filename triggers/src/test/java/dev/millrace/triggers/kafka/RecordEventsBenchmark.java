package dev.millrace.triggers.kafka;

import dev.millrace.abi.Event;
import dev.millrace.abi.EventCodec;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** A plain record as an event, whose attributes are made by who asks for them. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class RecordEventsBenchmark {

  private final Arrival arrival = new Arrival("charge", Instant.parse("2026-03-01T12:00:00Z"));
  private final ConsumerRecord<byte[], byte[]> received =
      new ConsumerRecord<>(
          "orders",
          3,
          1042,
          1_772_366_400_123L,
          TimestampType.CREATE_TIME,
          13,
          1024,
          "customer-4711".getBytes(StandardCharsets.UTF_8),
          new byte[1024],
          new RecordHeaders()
              .add("tenant", "blue".getBytes(StandardCharsets.UTF_8))
              .add("version", "7".getBytes(StandardCharsets.UTF_8)),
          Optional.empty());

  @Benchmark
  public Event make() {
    return RecordEvents.of(received, arrival);
  }

  @Benchmark
  public String makeAndName() {
    return RecordEvents.of(received, arrival).id();
  }

  @Benchmark
  public Map<String, String> makeAndAskForAllExtensions() {
    return RecordEvents.of(received, arrival).extensions();
  }

  @Benchmark
  public byte[] makeAndEncode() {
    return EventCodec.encode(RecordEvents.of(received, arrival));
  }
}
