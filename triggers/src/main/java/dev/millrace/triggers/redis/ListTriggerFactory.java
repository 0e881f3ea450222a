package dev.millrace.triggers.redis;

import dev.millrace.triggers.Trigger;
import dev.millrace.triggers.TriggerContext;
import dev.millrace.triggers.TriggerFactory;
import java.util.List;
import java.util.Objects;

/**
 * Makes triggers for Redis lists. Delivery is at least once, as far as the server keeps what it has
 * confirmed; in no order.
 */
public final class ListTriggerFactory implements TriggerFactory {

  private final RedisConnection connection;
  private final ListOptions options;
  private final LinkTimings timings;

  /** A factory for triggers of one connection. */
  public ListTriggerFactory(RedisConnection connection, ListOptions options) {
    this(connection, options, LinkTimings.DEFAULT);
  }

  ListTriggerFactory(RedisConnection connection, ListOptions options, LinkTimings timings) {
    this.connection = Objects.requireNonNull(connection, "connection");
    this.options = Objects.requireNonNull(options, "options");
    this.timings = timings;
  }

  @Override
  public Trigger create(TriggerContext context) {
    return new LoopTrigger(
        context,
        connection,
        timings,
        "list " + options.list(),
        List.of(new ListLoop(context, options)));
  }
}
