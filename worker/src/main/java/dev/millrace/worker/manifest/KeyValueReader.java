package dev.millrace.worker.manifest;

import dev.millrace.worker.wasm.host.Outside;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Reads {@code kv}. */
final class KeyValueReader {

  private final String app;
  private final Names<Connection> connections;

  KeyValueReader(String app, Names<Connection> connections) {
    this.app = app;
    this.connections = connections;
  }

  /** The stores by name; the default one is among them, whether or not the file names it. */
  Map<String, KeyValueSpec> read(Section stores) {
    Map<String, KeyValueSpec> specs = new LinkedHashMap<>();
    specs.put(Outside.DEFAULT_STORE, KeyValueSpec.own(Outside.DEFAULT_STORE));
    for (Section section : stores.named()) {
      Optional<Section> redis = section.ifMap("redis");
      specs.put(
          section.name(),
          redis.isEmpty()
              ? KeyValueSpec.own(section.name())
              : new KeyValueSpec(
                  section.name(), redis.flatMap(place -> inRedis(section.name(), place))));
    }
    return specs;
  }

  private Optional<KeyValueSpec.InRedis> inRedis(String name, Section redis) {
    Optional<Connection> connection = connections.resolve(redis, "connection");
    if (connection.isEmpty()) {
      return Optional.empty();
    }
    String to = redis.text("connection").orElseThrow();
    if (!(connection.get() instanceof Connection.Redis)) {
      redis.report(
          Rule.WRONG_CONNECTION_KIND,
          redis.at("connection"),
          "connection '" + to + "' does not lead to Redis, where this store is; name another one");
      return Optional.empty();
    }
    String prefix = redis.text("prefix").orElse("millrace:" + app + ":" + name + ":");
    return Optional.of(new KeyValueSpec.InRedis(to, prefix));
  }
}
