package dev.millrace.triggers.redis;

import dev.millrace.triggers.Order;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What a Redis stream trigger reads, and how.
 *
 * @param streams the keys of the streams; with {@code keyShards} the one name that the shards'
 *     names begin with
 * @param keyShards how many streams {@code NAME:0}, {@code NAME:1}, … take the place of {@code
 *     NAME}, each read by one replica at a time; 0 for none
 * @param group the consumer group
 * @param consumer the name of this replica in the group, the same after a restart and different
 *     from every other replica's
 * @param start where a group that does not exist yet begins
 * @param order {@code KEY} keeps the order within a key, {@code PARTITION} that of a stream
 * @param keyField the field of an entry that holds its key
 * @param claimAfter how long an entry lies with a replica that gives no sign of life before another
 *     one takes it; at least a second
 * @param batch how many entries are read at once, 1 to 10,000
 * @param trim what is removed from the streams
 */
public record StreamOptions(
    List<String> streams,
    int keyShards,
    String group,
    String consumer,
    Start start,
    Order order,
    String keyField,
    Duration claimAfter,
    int batch,
    Trim trim) {

  /** The field in which our own publisher writes the key. */
  public static final String DEFAULT_KEY_FIELD = "key";

  public static final int DEFAULT_BATCH = 500;

  /** Where a new group begins. */
  public enum Start {
    /** With the oldest entry that is there. */
    EARLIEST,
    /** With what comes after the group was made. */
    LATEST
  }

  /** What is removed from a stream. */
  public enum Trim {
    /** Nothing: somebody else trims. */
    NONE,
    /** Entries that every group of the stream has settled. */
    SETTLED
  }

  public StreamOptions {
    streams = List.copyOf(streams);
    if (streams.isEmpty()) {
      throw new IllegalArgumentException("a Redis stream trigger needs a stream");
    }
    if (streams.stream().distinct().count() < streams.size()) {
      throw new IllegalArgumentException("a stream is named twice");
    }
    if (keyShards < 0 || (keyShards > 0 && streams.size() > 1)) {
      throw new IllegalArgumentException("only one stream can have shards");
    }
    if (group.isEmpty() || consumer.isEmpty() || keyField.isEmpty()) {
      throw new IllegalArgumentException("group, consumer and key field need a name");
    }
    if (claimAfter.compareTo(Duration.ofSeconds(1)) < 0) {
      throw new IllegalArgumentException("claimAfter must be at least 1 s, not " + claimAfter);
    }
    if (batch < 1 || batch > 10_000) {
      throw new IllegalArgumentException("batch must be 1 to 10000, not " + batch);
    }
  }

  /** Without shards and order, from the beginning, trimming nothing. */
  public static StreamOptions of(
      String stream, String group, String consumer, Duration claimAfter) {
    return new StreamOptions(
        List.of(stream),
        0,
        group,
        consumer,
        Start.EARLIEST,
        Order.NONE,
        DEFAULT_KEY_FIELD,
        claimAfter,
        DEFAULT_BATCH,
        Trim.NONE);
  }

  /** The keys that are read, shards included. */
  public List<String> keys() {
    if (keyShards == 0) {
      return streams;
    }
    List<String> keys = new ArrayList<>(keyShards);
    for (int shard = 0; shard < keyShards; shard++) {
      keys.add(Shards.name(streams.getFirst(), shard));
    }
    return keys;
  }
}
