package dev.millrace.triggers.redis;

import dev.millrace.triggers.Journal;
import dev.millrace.triggers.Trigger;
import dev.millrace.triggers.TriggerContext;
import dev.millrace.triggers.TriggerFactory;
import java.time.Duration;
import java.util.Objects;

/**
 * Makes triggers for Redis channels and patterns.
 *
 * <p>Redis pub/sub delivers at most once: what is published while nobody is subscribed is gone, and
 * each such time is reported as a gap. From receipt on, a durable trigger loses nothing it could
 * journal; another one loses on a crash what was not yet settled.
 */
public final class PubSubTriggerFactory implements TriggerFactory {

  private final RedisConnection connection;
  private final PubSubOptions options;
  private final Journal journal;
  private final LinkTimings timings;
  private final Duration lease;

  /**
   * A factory for triggers of one connection.
   *
   * @param journal keeps received messages until they are settled; not used unless the options say
   *     {@code durable}
   */
  public PubSubTriggerFactory(RedisConnection connection, PubSubOptions options, Journal journal) {
    this(connection, options, journal, LinkTimings.DEFAULT, StreamPace.DEFAULT.lease());
  }

  PubSubTriggerFactory(
      RedisConnection connection, PubSubOptions options, Journal journal, LinkTimings timings) {
    this(connection, options, journal, timings, StreamPace.DEFAULT.lease());
  }

  PubSubTriggerFactory(
      RedisConnection connection,
      PubSubOptions options,
      Journal journal,
      LinkTimings timings,
      Duration lease) {
    this.connection = Objects.requireNonNull(connection, "connection");
    this.options = Objects.requireNonNull(options, "options");
    this.journal = Objects.requireNonNull(journal, "journal");
    this.timings = timings;
    this.lease = lease;
  }

  @Override
  public Trigger create(TriggerContext context) {
    return new PubSubTrigger(context, connection, options, journal, timings, lease);
  }
}
