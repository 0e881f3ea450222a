package dev.millrace.worker.manifest;

import dev.millrace.triggers.Order;
import dev.millrace.triggers.redis.ListOptions;
import dev.millrace.triggers.redis.PubSubOptions;
import dev.millrace.triggers.redis.StreamOptions;
import dev.millrace.worker.manifest.TriggerSpec.Source;
import dev.millrace.worker.wasm.spec.FunctionSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads what a {@code redis} trigger listens to: channels, streams or a list. */
final class RedisSourceReader {

  /** What is added to the function's timeout if the manifest does not say when to claim. */
  private static final Duration CLAIM_MARGIN = Duration.ofSeconds(30);

  private static final Duration SHORTEST_CLAIM = Duration.ofSeconds(1);

  private final Manifest.App app;
  private final Manifest.Store store;
  private final ReplicaName replica;

  private static final Kind CHANNELS =
      new Kind(
          "channels",
          Set.of("channels", "patterns"),
          Set.of("durable", "order", "overflow", "queue", "journal", "fanout", "group"));

  private static final Kind STREAM =
      new Kind(
          "streams",
          Set.of("stream", "streams"),
          Set.of(
              "group",
              "consumer",
              "start",
              "order",
              "key_field",
              "key_shards",
              "claim_after",
              "batch",
              "trim"));

  private static final Kind LIST =
      new Kind("a list", Set.of("list"), Set.of("take", "consumer", "claim_after", "batch"));

  private static final List<Kind> KINDS = List.of(CHANNELS, STREAM, LIST);

  /**
   * What a section reads.
   *
   * @param names the keys that say so
   * @param options the keys that are of use then
   */
  private record Kind(String what, Set<String> names, Set<String> options) {

    boolean has(String key) {
      return names.contains(key) || options.contains(key);
    }
  }

  RedisSourceReader(Manifest.App app, Manifest.Store store, ReplicaName replica) {
    this.app = app;
    this.store = store;
    this.replica = replica;
  }

  Optional<Source> read(
      Section trigger,
      Section redis,
      Optional<String> connection,
      Optional<FunctionSpec> function) {
    Optional<Kind> found =
        KINDS.stream().filter(kind -> kind.names().stream().anyMatch(redis::has)).findFirst();
    if (found.isEmpty()) {
      redis.report(
          Rule.NOTHING_TO_READ,
          redis.position(),
          "nothing says what to listen to; add 'channels' or 'patterns', 'stream' or 'list'");
      return Optional.empty();
    }
    boolean fits = onlyKeysOf(found.get(), redis);
    Optional<Source> source;
    if (found.get().equals(CHANNELS)) {
      source = channels(trigger, redis, connection);
    } else if (found.get().equals(STREAM)) {
      source = streams(trigger, redis, connection, function);
    } else {
      source = list(trigger, redis, connection);
    }
    return fits ? source : Optional.empty();
  }

  private static boolean onlyKeysOf(Kind kind, Section redis) {
    boolean fits = true;
    for (String key : redis.keys()) {
      boolean ofAnother = KINDS.stream().anyMatch(each -> each.has(key)) && !kind.has(key);
      if (ofAnother) {
        fits = false;
        redis.report(
            Rule.REDIS_OPTIONS,
            redis.at(key),
            "'" + key + "' is not for a trigger that reads " + kind.what() + "; remove it");
      }
    }
    return fits;
  }

  private Optional<Source> channels(Section trigger, Section redis, Optional<String> connection) {
    List<String> channels = redis.texts("channels");
    List<String> patterns = redis.texts("patterns");
    PubSubOptions.Queue queue = queue(redis.section("queue"));
    PubSubOptions.Queue journal = queue(redis.section("journal"));
    promises(trigger, redis);
    if (connection.isEmpty() || (channels.isEmpty() && patterns.isEmpty())) {
      return Optional.empty();
    }
    PubSubOptions options =
        new PubSubOptions(
            channels,
            patterns,
            redis.flag("durable"),
            redis.choiceOrDefault("order", Order.class),
            redis.choiceOrDefault("overflow", PubSubOptions.Overflow.class),
            queue,
            journal);
    boolean one =
        redis.choiceOrDefault("fanout", PubSubOptions.Fanout.class) == PubSubOptions.Fanout.ONE;
    if (!one && redis.has("group")) {
      redis.report(
          Rule.REDIS_OPTIONS,
          redis.at("group"),
          "'group' names the replicas of which one takes the messages; it needs 'fanout: one'");
    }
    return Optional.of(
        new Source.PubSub(connection.get(), one ? options.oneOf(group(trigger, redis)) : options));
  }

  private static PubSubOptions.Queue queue(Section queue) {
    return new PubSubOptions.Queue(
        queue.numberOrDefault("events"), queue.bytes("bytes", 1, Long.MAX_VALUE));
  }

  private void promises(Section trigger, Section redis) {
    if (redis.choiceOrDefault("order", Order.class) == Order.KEY) {
      redis.report(
          Rule.PUBSUB_PROMISES,
          redis.at("order"),
          "a pub/sub message has no key to keep an order by; write 'order: partition' for the order"
              + " within a channel, or 'order: none'");
    }
    if (!redis.flag("durable") && trigger.has("retry")) {
      trigger.report(
          Rule.PUBSUB_MAY_LOSE,
          trigger.at("retry"),
          "with 'durable: false' a message waits for its retry in memory only, and a crash of the"
              + " worker loses it; Redis does not send it again");
    }
    if (redis.has("durable") && redis.flag("durable") && !store.durable()) {
      redis.report(
          Rule.PUBSUB_MAY_LOSE,
          redis.at("durable"),
          "'durable: true' writes messages to the store, but 'store.durable: false' says that the"
              + " store may go; what it held is then lost, as Redis does not send it again");
    }
  }

  private Optional<Source> streams(
      Section trigger,
      Section redis,
      Optional<String> connection,
      Optional<FunctionSpec> function) {
    List<String> streams = new ArrayList<>(redis.texts("streams"));
    redis.text("stream").ifPresent(streams::addFirst);
    int shards = redis.number("key_shards").orElse(0);
    boolean clear = true;
    if (redis.has("stream") && redis.has("streams")) {
      clear = false;
      redis.report(
          Rule.REDIS_OPTIONS,
          redis.at("streams"),
          "both 'stream' and 'streams' are given; keep the one that says what to read");
    } else if (streams.stream().distinct().count() < streams.size()) {
      clear = false;
      redis.report(Rule.REDIS_OPTIONS, redis.at("streams"), "a stream is named twice");
    }
    if (shards > 0 && redis.has("streams")) {
      clear = false;
      redis.report(
          Rule.REDIS_OPTIONS,
          redis.at("key_shards"),
          "'key_shards' divides one stream; name it with 'stream'");
    }
    Order order = redis.choiceOrDefault("order", Order.class);
    if (shards > 0 && !redis.has("order")) {
      order = Order.KEY;
    } else if (shards > 0 && order == Order.NONE) {
      redis.report(
          Rule.REDIS_OPTIONS,
          redis.at("order"),
          "'key_shards' is there to keep an order; remove it, or write 'order: key'");
    }
    Duration claimAfter = claimAfter(redis, function);
    if (connection.isEmpty() || streams.isEmpty() || !clear) {
      return Optional.empty();
    }
    return Optional.of(
        new Source.RedisStream(
            connection.get(),
            new StreamOptions(
                streams,
                shards,
                group(trigger, redis),
                consumer(trigger, redis),
                redis.choiceOrDefault("start", StreamOptions.Start.class),
                order,
                redis.textOrDefault("key_field"),
                claimAfter,
                redis.numberOrDefault("batch"),
                redis.choiceOrDefault("trim", StreamOptions.Trim.class))));
  }

  private static Duration claimAfter(Section redis, Optional<FunctionSpec> function) {
    Duration timeout = function.map(f -> f.limits().maxDuration()).orElse(Duration.ZERO);
    Optional<Duration> written = redis.duration("claim_after");
    if (written.isEmpty()) {
      return timeout.plus(CLAIM_MARGIN);
    }
    if (function.isPresent() && written.get().compareTo(timeout) < 0) {
      redis.reportKey(
          Rule.IMPOSSIBLE_LIMIT,
          "claim_after",
          "is "
              + redis.text("claim_after").orElseThrow()
              + ", shorter than what limits.timeout, or limits.max_duration, gives function '"
              + function.get().name()
              + "' ("
              + DurationText.format(timeout)
              + "), so that a replica could take what another one is still at; raise one or lower"
              + " the other");
    }
    return atLeastASecond(redis, written.get());
  }

  private static Duration atLeastASecond(Section redis, Duration claimAfter) {
    if (claimAfter.compareTo(SHORTEST_CLAIM) >= 0) {
      return claimAfter;
    }
    redis.reportKey(
        Rule.IMPOSSIBLE_LIMIT,
        "claim_after",
        "is " + redis.text("claim_after").orElseThrow() + "; it must be at least 1s");
    return SHORTEST_CLAIM;
  }

  private Optional<Source> list(Section trigger, Section redis, Optional<String> connection) {
    Duration claimAfter =
        redis
            .duration("claim_after")
            .map(written -> atLeastASecond(redis, written))
            .orElse(ListOptions.DEFAULT_CLAIM_AFTER);
    Optional<String> list = redis.text("list");
    if (connection.isEmpty() || list.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Source.RedisList(
            connection.get(),
            new ListOptions(
                list.get(),
                consumer(trigger, redis),
                redis.choiceOrDefault("take", ListOptions.End.class),
                claimAfter,
                redis.numberOrDefault("batch"))));
  }

  private String group(Section trigger, Section redis) {
    return redis.text("group").orElseGet(() -> app.name() + "." + trigger.name());
  }

  /** Two triggers of one worker are two consumers. */
  private String consumer(Section trigger, Section redis) {
    return redis.text("consumer").orElseGet(() -> replica.of(store.path()) + "." + trigger.name());
  }
}
