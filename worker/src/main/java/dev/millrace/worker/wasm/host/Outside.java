package dev.millrace.worker.wasm.host;

import dev.millrace.worker.dispatch.OnceKeys;
import java.time.InstantSource;
import java.util.Map;

/**
 * What guests can be granted to reach through their host.
 *
 * @param onceKeys where they claim keys
 * @param keyValues the key-value stores, by the names that grants have for them
 * @param http sends their HTTP requests
 */
public record Outside(OnceKeys onceKeys, Map<String, KeyValues> keyValues, HttpGateway http) {

  /** The name of the key-value store that is always there. */
  public static final String DEFAULT_STORE = "default";

  public Outside {
    keyValues = Map.copyOf(keyValues);
  }

  /** Claims and one key-value store in memory; nothing is sent anywhere. */
  public static Outside inMemory() {
    return new Outside(
        OnceKeys.inMemory(),
        Map.of(DEFAULT_STORE, KeyValues.inMemory(InstantSource.system())),
        HttpGateway.NONE);
  }

  /** The same with another place for claims. */
  public Outside withOnceKeys(OnceKeys keys) {
    return new Outside(keys, keyValues, http);
  }

  /** The same with other key-value stores. */
  public Outside withKeyValues(Map<String, KeyValues> stores) {
    return new Outside(onceKeys, stores, http);
  }

  /** The same with another way to send HTTP requests. */
  public Outside withHttp(HttpGateway gateway) {
    return new Outside(onceKeys, keyValues, gateway);
  }
}
