package dev.millrace.worker.testing;

import dev.millrace.worker.dispatch.OnceKeys;
import dev.millrace.worker.manifest.TestSpec.Given;
import dev.millrace.worker.wasm.host.Outside;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * What a function under test can reach: nothing but what its test says. The engine keeps one world,
 * which {@link #begin} makes new for each test. Confined to the thread of the function's tests,
 * which guests run on.
 */
final class MockWorld {

  private final Map<String, MockKeyValues> keyValues = new HashMap<>();
  private final MockHttp http = new MockHttp();
  private final MockOnceKeys onceKeys = new MockOnceKeys();
  private Optional<Instant> now = Optional.empty();

  /**
   * @param stores the names of the manifest's key-value stores
   */
  MockWorld(Set<String> stores) {
    stores.forEach(store -> keyValues.put(store, new MockKeyValues(clock())));
  }

  InstantSource clock() {
    return () -> now.orElseGet(Instant::now);
  }

  Outside outside() {
    return new Outside(onceKeys, Map.copyOf(keyValues), http);
  }

  OnceKeys onceKeys() {
    return onceKeys;
  }

  MockHttp http() {
    return http;
  }

  /** Forgets the test before. */
  void begin(Given given) throws InterruptedException {
    now = given.clock();
    http.begin(given.http());
    onceKeys.keys = OnceKeys.inMemory();
    for (Map.Entry<String, MockKeyValues> store : keyValues.entrySet()) {
      store.getValue().begin(given.keyValues().getOrDefault(store.getKey(), Map.of()));
    }
  }

  /** What a store has now; {@code null} for nothing. */
  byte @Nullable [] value(String store, String key) {
    MockKeyValues values = keyValues.get(store);
    return values == null ? null : values.value(key);
  }

  /** Claims of the running test. */
  private static final class MockOnceKeys implements OnceKeys {

    private OnceKeys keys = OnceKeys.inMemory();

    @Override
    public Answer claim(String function, String key, String owner, Duration lease)
        throws InterruptedException {
      return keys.claim(function, key, owner, lease);
    }

    @Override
    public CompletionStage<Void> finish(String function, String owner, List<Claim> claims) {
      return keys.finish(function, owner, claims);
    }

    @Override
    public CompletionStage<Void> giveUp(String function, String owner, List<Claim> claims) {
      return keys.giveUp(function, owner, claims);
    }
  }
}
