package dev.millrace.worker.admin;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.sdk.metrics.data.HistogramPointData;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * How long something took, each time, in the buckets of {@link Instrument#SECONDS}. On the hot
 * path: two adders and no look-up. Safe for any thread; a snapshot while others add may miss the
 * latest.
 */
final class Timing {

  private static final double NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long[] BOUNDS =
      Instrument.SECONDS.stream().mapToLong(bound -> Math.round(bound * NANOS)).toArray();

  private final LongAdder[] buckets = new LongAdder[BOUNDS.length + 1];
  private final LongAdder nanos = new LongAdder();

  Timing() {
    for (int i = 0; i < buckets.length; i++) {
      buckets[i] = new LongAdder();
    }
  }

  void add(long took) {
    int bucket = 0;
    while (bucket < BOUNDS.length && took > BOUNDS[bucket]) {
      bucket++;
    }
    buckets[bucket].increment();
    nanos.add(took);
  }

  /** How often. */
  long count() {
    long count = 0;
    for (LongAdder bucket : buckets) {
      count += bucket.sum();
    }
    return count;
  }

  /**
   * All of these as one point of a histogram.
   *
   * @param began since when, nanoseconds since 1970
   * @param now likewise
   */
  static HistogramPointData point(
      Iterable<Timing> timings, Attributes attributes, long began, long now) {
    long[] counts = new long[BOUNDS.length + 1];
    long sum = 0;
    for (Timing timing : timings) {
      sum += timing.nanos.sum();
      for (int i = 0; i < counts.length; i++) {
        counts[i] += timing.buckets[i].sum();
      }
    }
    List<Long> list = new ArrayList<>(counts.length);
    for (long count : counts) {
      list.add(count);
    }
    return HistogramPointData.create(
        began, now, attributes, sum / NANOS, false, 0, false, 0, Instrument.SECONDS, list);
  }
}
