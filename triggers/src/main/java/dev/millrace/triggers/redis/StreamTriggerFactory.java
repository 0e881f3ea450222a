package dev.millrace.triggers.redis;

import dev.millrace.triggers.Trigger;
import dev.millrace.triggers.TriggerContext;
import dev.millrace.triggers.TriggerFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Makes triggers for Redis streams. Delivery is at least once, as far as the server keeps what it
 * has confirmed.
 */
public final class StreamTriggerFactory implements TriggerFactory {

  private final RedisConnection connection;
  private final StreamOptions options;
  private final LinkTimings timings;
  private final StreamPace pace;

  /** A factory for triggers of one connection. */
  public StreamTriggerFactory(RedisConnection connection, StreamOptions options) {
    this(connection, options, LinkTimings.DEFAULT, StreamPace.DEFAULT);
  }

  StreamTriggerFactory(
      RedisConnection connection, StreamOptions options, LinkTimings timings, StreamPace pace) {
    this.connection = Objects.requireNonNull(connection, "connection");
    this.options = Objects.requireNonNull(options, "options");
    this.timings = timings;
    this.pace = pace;
  }

  @Override
  public Trigger create(TriggerContext context) {
    List<String> keys = options.keys();
    List<StreamLoop> loops = new ArrayList<>();
    for (int i = 0; i < keys.size(); i++) {
      int shard = options.keyShards() == 0 ? -1 : i;
      loops.add(new StreamLoop(context, options, pace, keys.get(i), shard));
    }
    String reads = "streams " + String.join(", ", keys) + " as " + options.group();
    return new LoopTrigger(context, connection, timings, reads, loops);
  }
}
