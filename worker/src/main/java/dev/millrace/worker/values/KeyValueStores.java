package dev.millrace.worker.values;

import dev.millrace.triggers.redis.RedisValues;
import dev.millrace.worker.manifest.Connection;
import dev.millrace.worker.manifest.KeyValueSpec;
import dev.millrace.worker.manifest.Manifest;
import dev.millrace.worker.store.StoredValues;
import dev.millrace.worker.wasm.host.KeyValues;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/** The key-value stores of a manifest, with one link for each Redis connection they are at. */
public final class KeyValueStores implements AutoCloseable {

  private final Map<String, KeyValues> stores = new HashMap<>();
  private final Map<String, RedisValues> links = new HashMap<>();

  /**
   * @param onDeath learns why a store cannot be asked any more; the worker should stop
   */
  public KeyValueStores(
      Manifest manifest, StoredValues own, InstantSource clock, Consumer<String> onDeath) {
    for (KeyValueSpec spec : manifest.keyValues().values()) {
      KeyValues store =
          spec.redis()
              .<KeyValues>map(
                  place ->
                      new RedisKeyValues(
                          link(manifest, place.connection(), onDeath), place.prefix()))
              .orElseGet(() -> new StoreKeyValues(own, manifest.app().name(), spec.name(), clock));
      stores.put(spec.name(), store);
    }
  }

  public Map<String, KeyValues> byName() {
    return Map.copyOf(stores);
  }

  private RedisValues link(Manifest manifest, String connection, Consumer<String> onDeath) {
    return links.computeIfAbsent(
        connection,
        name -> {
          if (!(manifest.connections().get(name) instanceof Connection.Redis redis)) {
            throw new IllegalStateException("no Redis connection '" + name + "'");
          }
          return new RedisValues(
              name,
              redis.redis(),
              cause ->
                  onDeath.accept(
                      "the thread that asks connection '" + name + "' for values died: " + cause));
        });
  }

  @Override
  public void close() {
    links.values().forEach(RedisValues::close);
  }
}
