package dev.millrace.worker.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.millrace.triggers.testing.RedisBroker;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.StreamEntryID;
import redis.clients.jedis.params.XAddParams;
import redis.clients.jedis.resps.StreamEntry;

/**
 * A worker is killed with -9 in the middle of what a Redis stream and a Redis list hold for it, and
 * started again. Its function adds each event to a second stream, which is then read as the
 * history.
 *
 * <p>Known to be able to fail: where {@code StreamGroup} reads with {@code NOACK}, entries are
 * lost.
 */
class RedisCrashIT {

  private static final Logger LOG = LoggerFactory.getLogger(RedisCrashIT.class);

  private static final int EVENTS = 6_000;
  private static final int KEYS = 50;
  private static final int IN_FLIGHT = 200;
  private static final int KILLS = 3;

  /** Settlements are acknowledged each 50 ms; the rest is allowance for two busy cores. */
  private static final long ACKNOWLEDGE_MILLIS = 1_000;

  private static final long LOOK_NANOS = 5_000_000;

  private final String suffix = UUID.randomUUID().toString();
  private final String output = "out-" + suffix;
  private final History history = new History();
  private final Set<Integer> done = new HashSet<>();
  private StreamEntryID seen = new StreamEntryID();

  @TempDir private Path directory;
  private RedisClient redis;

  @BeforeEach
  void connect() {
    redis = RedisClient.create(RedisBroker.url());
  }

  @AfterEach
  void close() {
    redis.close();
  }

  @Test
  void losesNoEntryOfAStreamAndKeepsTheOrderOfKeys() throws Exception {
    for (int i = 0; i < EVENTS; i++) {
      String key = "k" + i % KEYS;
      redis.xadd(
          "in-" + suffix, XAddParams.xAddParams(), Map.of("key", key, "data", String.valueOf(i)));
      sent(key, i);
    }

    killInTheMiddle("{ connection: cache, stream: in-%s, group: g, order: key }".formatted(suffix));

    assertEquals(0, redis.xpending("in-" + suffix, "g").getTotal(), "after a drain all is settled");
  }

  @Test
  void losesNoElementOfAList() throws Exception {
    for (int i = 0; i < EVENTS; i++) {
      redis.lpush("jobs-" + suffix, String.valueOf(i));
      sent("element-" + i, i); // a list keeps no order: each is a key of its own
    }

    killInTheMiddle("{ connection: cache, list: jobs-%s }".formatted(suffix));

    assertEquals(0, redis.llen("jobs-" + suffix));
    for (String own : redis.keys("{jobs-" + suffix + "}:millrace:processing:*")) {
      assertEquals(0, redis.llen(own), own);
    }
  }

  private void sent(String key, int number) {
    String data = hex(String.valueOf(number));
    history.add(new History.Sent(key, number, 0, number, History.Expected.EFFECT, data));
  }

  private static String hex(String text) {
    return HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8));
  }

  private void killInTheMiddle(String source) throws Exception {
    long seed = Long.getLong("millrace.chaos.seed", System.nanoTime());
    LOG.atInfo().addKeyValue("seed", seed).log("crash test");
    SplittableRandom random = new SplittableRandom(seed);
    writeManifest(source);
    for (int kill = 1; kill <= KILLS; kill++) {
      try (WorkerProcess worker = WorkerProcess.start(directory)) {
        int next = Math.min(done.size() + 300 + random.nextInt(1_000), EVENTS);
        worker.await(next, done::size, this::look);
        worker.kill();
        long at = System.currentTimeMillis();
        history.add(new History.Disturbance("kill -9", at, at));
      }
    }
    try (WorkerProcess worker = WorkerProcess.start(directory)) {
      worker.await(EVENTS, done::size, this::look);
      worker.terminate();
      assertEquals(0, worker.exitCode(Duration.ofSeconds(60)), "exit code after SIGTERM");
    }
    while (read() > 0) {
      // once more
    }
    history.write(Path.of("target", "chaos", "redis-crash-" + seed + ".txt"));
    assertEquals(List.of(), new HistoryChecker(IN_FLIGHT, ACKNOWLEDGE_MILLIS).check(history));
  }

  private void writeManifest(String source) throws Exception {
    Path module = Path.of("src", "test", "resources", "wasm", "echo.wasm").toAbsolutePath();
    Files.writeString(
        directory.resolve("millrace.yaml"),
        """
        millrace: 1
        app: { name: crash }
        admin: { enabled: false }
        connections:
          cache: { redis: { url: "%s" } }
        functions:
          echo: { wasm: %s }
        triggers:
          jobs:
            redis: %s
            function: echo
            max_in_flight: %d
            publish: { to: "cache/stream:%s" }
        """
            .formatted(RedisBroker.url(), module, source, IN_FLIGHT, output));
  }

  /** Reads what is new, and waits a moment if nothing is. */
  private void look() {
    if (read() == 0) {
      LockSupport.parkNanos(LOOK_NANOS);
    }
  }

  private int read() {
    StreamEntryID after = new StreamEntryID(seen.getTime(), seen.getSequence() + 1);
    List<StreamEntry> effects = redis.xrange(output, after, null, 1_000);
    for (StreamEntry effect : effects) {
      String data = effect.getFields().get("data");
      int number = Integer.parseInt(data);
      String key = effect.getFields().getOrDefault("key", "element-" + number);
      done.add(number);
      history.add(new History.Effect(key, number, effect.getID().getTime()));
      seen = effect.getID();
    }
    return effects.size();
  }
}
