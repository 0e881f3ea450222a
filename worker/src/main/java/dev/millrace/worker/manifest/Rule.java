package dev.millrace.worker.manifest;

import java.util.Locale;

/** What a manifest is checked for. {@code docs/manifest.md} lists every rule. */
public enum Rule {
  UNREADABLE(
      "The manifest and a certificate file are there and can be read; a manifest is UTF-8 text of at most 1 MiB."),
  SYNTAX("The file is YAML 1.2: one document, a map, without tags."),
  DUPLICATE_KEY("A map has each key once."),
  UNKNOWN_KEY("A map has only keys that this reference lists."),
  MISSING_KEY("A map has all keys that it must have."),
  WRONG_VERSION("`millrace` is 1."),
  WRONG_TYPE("A value is of the type that its key takes."),
  BAD_VALUE("A value is one of those that its key takes."),
  BAD_NAME("A name has only letters, digits, `_`, `-` and `.`."),
  BAD_DURATION("A duration is a whole number and a unit: `ms`, `s`, `m`, `h` or `d`."),
  BAD_SIZE("A size is a whole number, alone or with `Ki`, `Mi` or `Gi`."),
  BAD_VARIABLE("A variable is written `${NAME}` or `${NAME:-default}`; `$${` is a literal `${`."),
  UNDEFINED_VARIABLE("A variable without a default is set in the environment."),
  UNDEFINED_SECRET("A secret is declared under `secrets`, and its variable or file is there."),
  EXACTLY_ONE_SOURCE("A trigger has exactly one of `kafka`, `redis` and `cron`."),
  EXACTLY_ONE_OF(
      "A connection has exactly one of `kafka` and `redis`, a secret one of `env` and `file`, a"
          + " feed one of `data` and `each`."),
  UNKNOWN_CONNECTION("A connection that is named is declared under `connections`."),
  UNKNOWN_FUNCTION("A function that is named is declared under `functions`."),
  UNKNOWN_STORE("A key-value store that is granted is declared under `kv`, or is `default`."),
  WRONG_CONNECTION_KIND(
      "A trigger's connection is of the trigger's kind, a key-value store's leads to Redis."),
  BAD_ADDRESS("An address, a bootstrap list or a URL is well-formed."),
  BAD_DESTINATION(
      "A destination is `connection/TOPIC` in Kafka, `connection/stream:NAME`,"
          + " `connection/sharded:NAME/N` or `connection/channel:NAME` in Redis."),
  BAD_ORIGIN(
      "What `allow.http` and `allow.private_http` grant is a scheme, a host and a port; a wildcard"
          + " stands for the first part of a name only."),
  BAD_FILES(
      "What `allow.files` grants is a directory that is there, under an absolute path that is not"
          + " in `/tmp`, nor in another one that is granted."),
  BAD_PATTERN("A pattern is a regular expression; in `build.watch` it is a glob."),
  BAD_SCHEDULE("A schedule can be read, and fires some day."),
  BAD_TIMEZONE("A time zone is known."),
  IMPOSSIBLE_LIMIT("A limit is in its range and agrees with the others."),
  WASM_MISSING("A function's module, or its script, is a file that can be read."),
  MODULE("A module can be loaded, and imports only what its function may use."),
  TOPICS_AND_PATTERN("A Kafka trigger has either `topics` or `pattern`."),
  NOTHING_TO_READ("A trigger names what it reads."),
  RESERVED_PROPERTY("`properties` leaves alone what the worker sets itself."),
  DEAD_LETTER_CHANNEL(
      "Dead letters do not go to a Redis channel, which keeps nothing, nor to shards."),
  DEAD_LETTER_LOOP("A trigger does not publish or dead-letter to what it reads."),
  REDIS_OPTIONS(
      "A Redis trigger reads channels, streams or a list, one of them, and has only keys of that."),
  PUBSUB_PROMISES("A pub/sub trigger promises only what pub/sub can keep."),
  PARKED_KEYS("`park_key` has an order to keep, and its dead letters in the store."),
  EXACTLY_ONCE_ELSEWHERE(
      "A trigger with `exactly_once` publishes to topics of its own Kafka connection only."),
  QUEUE_PROMISES("A Kafka trigger with `mode: queue` asks only for what a share group can do."),
  DATA_NEEDS_CRON("Only a cron trigger has `data`; other events bring their own."),
  PUBLISH_NOT_GRANTED("A test expects only publishes that `allow.publish` grants."),
  DUPLICATE_TEST("A test's name is its own."),
  PUBSUB_MAY_LOSE("A pub/sub trigger whose messages a crash can lose says so.", Severity.WARNING),
  SHARED_INSTANCE_ID(
      "`group_instance_id` is another one in each replica, as `${HOSTNAME}` is.", Severity.WARNING),
  QUEUE_LOCK(
      "A function that reads a queue ends while the broker lends it the record.", Severity.WARNING),
  UNUSED_FUNCTION("A function is used by a trigger.", Severity.WARNING),
  UNUSED_CONNECTION(
      "A connection is used by a trigger, a destination or a feed.", Severity.WARNING),
  SLOW_ENGINE("A function is compiled, not interpreted.", Severity.WARNING),
  UNGRANTED_IMPORT(
      "A module imports only host calls that its function is granted.", Severity.WARNING),
  SHARED_GROUP(
      "Two triggers do not read one topic or stream in one group, nor one list.", Severity.WARNING),
  EPHEMERAL_STORE("The store is on a disk that stays.", Severity.WARNING);

  private final String sentence;
  private final Severity severity;

  Rule(String sentence) {
    this(sentence, Severity.ERROR);
  }

  Rule(String sentence, Severity severity) {
    this.sentence = sentence;
    this.severity = severity;
  }

  /** The rule's name as users see it: {@code unknown-key}. */
  public String id() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** What a manifest without this problem is like, in Markdown. */
  public String sentence() {
    return sentence;
  }

  /** How bad a breach is. */
  public Severity severity() {
    return severity;
  }

  @Override
  public String toString() {
    return id();
  }
}
