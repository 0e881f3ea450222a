package dev.millrace.worker.manifest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.triggers.Destination;
import dev.millrace.triggers.FailureKind;
import dev.millrace.triggers.Order;
import dev.millrace.triggers.cron.CronOptions;
import dev.millrace.triggers.kafka.KafkaConnection;
import dev.millrace.triggers.kafka.KafkaQueueOptions;
import dev.millrace.triggers.kafka.KafkaTriggerOptions;
import dev.millrace.triggers.kafka.Membership;
import dev.millrace.triggers.kafka.Membership.Protocol;
import dev.millrace.triggers.redis.ListOptions;
import dev.millrace.triggers.redis.PubSubOptions;
import dev.millrace.triggers.redis.RedisConnection;
import dev.millrace.triggers.redis.StreamOptions;
import dev.millrace.worker.dispatch.Backoff;
import dev.millrace.worker.dispatch.Bounds;
import dev.millrace.worker.dispatch.BreakerPolicy;
import dev.millrace.worker.dispatch.FunctionPolicy;
import dev.millrace.worker.dispatch.RetryBudgetPolicy;
import dev.millrace.worker.dispatch.RetryPolicy;
import dev.millrace.worker.dispatch.Tries;
import dev.millrace.worker.manifest.KeyValueSpec.InRedis;
import dev.millrace.worker.manifest.Manifest.Store.Durability;
import dev.millrace.worker.manifest.TriggerSpec.DeadLetterTo;
import dev.millrace.worker.manifest.TriggerSpec.Source;
import dev.millrace.worker.store.PostgresAddress;
import dev.millrace.worker.wasm.module.Execution;
import dev.millrace.worker.wasm.spec.AbiSpec;
import dev.millrace.worker.wasm.spec.FunctionSpec;
import dev.millrace.worker.wasm.spec.FunctionSpec.AbiKind;
import dev.millrace.worker.wasm.spec.FunctionSpec.InstanceMode;
import dev.millrace.worker.wasm.spec.Grants;
import dev.millrace.worker.wasm.spec.HttpOrigin;
import dev.millrace.worker.wasm.spec.Limits;
import dev.millrace.worker.wasm.spec.Program;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManifestReaderTest {

  private static final Backoff USUAL =
      new Backoff(Duration.ofMillis(100), Duration.ofSeconds(10), 1.5);

  private static final String SMALL =
      """
      millrace: 1
      functions: { f: { wasm: charge.wasm } }
      triggers: { t: { cron: { schedule: "@daily" }, function: f } }
      """;

  @TempDir Path directory;
  private Manifests manifests;

  @BeforeEach
  void prepare() {
    manifests = new Manifests(directory);
  }

  @Test
  void readsAppStoreAdminAndConnections() {
    Manifest manifest = manifests.load(Manifests.whole());

    assertEquals(directory.resolve("millrace.yaml"), manifest.file());
    assertEquals(new Manifest.App("shop", ZoneId.of("Europe/Paris")), manifest.app());
    assertEquals(
        new Manifest.Store(
            directory.resolve("state/store.db"),
            Durability.NONE,
            Optional.of(
                new PostgresAddress(
                    "db.example:5433",
                    "jobs",
                    Optional.of("shop"),
                    Optional.of("jaas value"),
                    "jobs",
                    Map.of(
                        "sslmode", "require",
                        "sslrootcert", "ca.pem",
                        "ApplicationName", "jaas value")))),
        manifest.store());
    assertEquals(new Manifest.Admin("::1", 9000, false), manifest.admin());
    assertEquals(
        new Connection.Kafka(
            new KafkaConnection(
                "localhost:9092",
                Map.of("security.protocol", "SSL", "sasl.jaas.config", "jaas value"))),
        manifest.connections().get("events"));
    assertEquals(
        new Connection.Redis(new RedisConnection(URI.create("redis://localhost:6379/2"))),
        manifest.connections().get("cache"));
    assertEquals(
        new Connection.Redis(
            new RedisConnection(
                URI.create("rediss://:s3cret@cache.example:6380"),
                Optional.of(directory.resolve("ca.pem")))),
        manifest.connections().get("tls"));
  }

  @Test
  void readsFunctions() {
    Manifest manifest = manifests.load(Manifests.whole());

    assertEquals(
        new FunctionSpec(
            "charge",
            Program.module(directory.resolve("charge.wasm")),
            new AbiSpec(Optional.of(AbiKind.MILLRACE), Optional.of("handle"), Set.of(2, 66)),
            new Limits(
                Duration.ofSeconds(2),
                128 << 20,
                2 << 20,
                3 << 20,
                1024,
                Duration.ofMinutes(3),
                4 << 20,
                5 << 20),
            InstanceMode.REUSE,
            7,
            Map.of("region", "eu", "rate", "1.10", "live", "true"),
            Map.of("api_key", "rediss://:s3cret@cache.example:6380"),
            new Grants(
                Set.of("events/orders.charged", "cache/stream:audit", "events/audit.*"),
                true,
                Set.of("default", "sessions"),
                Set.of(
                    new HttpOrigin("https", "api.stripe.com", 443, false, false),
                    new HttpOrigin("http", "internal", 8080, true, true)),
                Map.of("/data/prices", directory.resolve("prices")))),
        manifest.functions().get("charge"));
    assertEquals(Execution.INTERPRETER, manifest.functions().get("tidy").execution());
    assertEquals(List.of("charge", "tidy"), List.copyOf(manifest.functions().keySet()));
  }

  @Test
  void readsKeyValueStores() {
    assertEquals(
        Map.of(
            "default",
            new KeyValueSpec("default", Optional.empty()),
            "sessions",
            new KeyValueSpec("sessions", Optional.of(new InRedis("cache", "app:"))),
            "carts",
            new KeyValueSpec("carts", Optional.of(new InRedis("cache", "millrace:shop:carts:")))),
        manifests.load(Manifests.whole()).keyValues());
  }

  @Test
  void readsHowAModuleIsBuilt() {
    Manifest manifest = manifests.load(Manifests.whole());

    assertEquals(
        Map.of(
            "charge",
            new BuildSpec("charge", "cargo build", directory.resolve("charge"), List.of("src/**"))),
        manifest.builds());
  }

  @Test
  void aModuleThatIsStillToBeBuiltIsMissedUnlessTheReaderIsToBuildIt() {
    String manifest =
        """
        millrace: 1
        functions: { f: { wasm: later.wasm, build: { command: make } } }
        triggers: { t: { cron: { schedule: "@daily" }, function: f } }
        """;

    List<String> found = manifests.rendered(manifest);

    assertTrue(
        found.getFirst().contains("'later.wasm' is not built yet; run 'millrace build f'"),
        found.getFirst());
    manifests.modules = ModuleCheck.UNBUILT;
    assertEquals(List.of("f"), List.copyOf(manifests.load(manifest).builds().keySet()));
  }

  @Test
  void readsThatKeysAreParked() {
    Manifest manifest =
        manifests.load(
            """
            millrace: 1
            store: { url: "postgresql://millrace@db/jobs" }
            connections: { k: { kafka: { bootstrap: "h:1" } } }
            functions: { f: { wasm: charge.wasm } }
            triggers:
              t:
                kafka: { connection: k, topics: [a] }
                function: f
                retry: { on_exhausted: park_key }
            """);

    assertTrue(manifest.triggers().get("t").keep().parksKeys());
  }

  @Test
  void readsHowAFailingFunctionIsTreated() {
    Manifest manifest = manifests.load(Manifests.whole());

    assertEquals(
        new FunctionPolicy(
            Optional.of(new BreakerPolicy(0.8, 50, Duration.ofSeconds(5), Duration.ofMinutes(1))),
            Optional.of(new RetryBudgetPolicy(0.5, 2))),
        manifest.functionPolicies().get("charge"));
    assertEquals(FunctionPolicy.DEFAULT, manifest.functionPolicies().get("tidy"));
    TriggerSpec plain = manifest.triggers().get("regions");
    assertEquals(RetryPolicy.DEFAULT, plain.retry());
    assertEquals(TriggerSpec.Keep.DEFAULT, plain.keep());
  }

  @Test
  void readsAKafkaTrigger() {
    TriggerSpec trigger = manifests.load(Manifests.whole()).triggers().get("orders");

    assertEquals(
        new TriggerSpec(
            "orders",
            new Source.Kafka(
                "events",
                new KafkaTriggerOptions(
                    List.of("orders", "returns"),
                    Optional.empty(),
                    Membership.of("charge", Protocol.CLASSIC),
                    KafkaTriggerOptions.Start.LATEST,
                    Order.PARTITION,
                    false,
                    Map.of("max.poll.records", "2000"))),
            "charge",
            new RetryPolicy(
                new Tries(3, USUAL),
                Map.of(
                    FailureKind.TIMEOUT,
                    new Tries(2, new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(60), 2)),
                    FailureKind.TRAP,
                    new Tries(9, USUAL),
                    FailureKind.RETRY_REQUESTED,
                    new Tries(6, USUAL),
                    FailureKind.EXIT_CODE,
                    new Tries(5, USUAL),
                    FailureKind.MEMORY_LIMIT,
                    new Tries(1, USUAL),
                    FailureKind.OUTPUT_LIMIT,
                    new Tries(1, USUAL)),
                Optional.of(Duration.ofHours(1)),
                4,
                7,
                new Bounds(600, 9 << 20)),
            new Bounds(500, 8 << 20),
            Optional.of(new Destination("events", "orders.charged")),
            new DeadLetterTo.Sink(new Destination("events", "orders.dlq")),
            new TriggerSpec.Keep(
                TriggerSpec.Park.ALWAYS, 7000, false, Optional.of(Duration.ofMinutes(10)))),
        trigger);
  }

  @Test
  void readsAKafkaQueue() {
    TriggerSpec trigger = manifests.load(Manifests.whole()).triggers().get("returns");

    assertEquals(
        new Source.Queue(
            "events",
            new KafkaQueueOptions(
                List.of("returned"),
                "shop.returns",
                KafkaTriggerOptions.Start.EARLIEST,
                3,
                4,
                Map.of())),
        trigger.source());
  }

  @Test
  void readsTheShortFormOfBoundsAndTheGroupOfATrigger() {
    TriggerSpec trigger = manifests.load(Manifests.whole()).triggers().get("regions");

    assertEquals(new Bounds(250, 64 << 20), trigger.bounds());
    assertEquals(new DeadLetterTo.Drop(), trigger.deadLetter());
    KafkaTriggerOptions options = ((Source.Kafka) trigger.source()).options();
    assertEquals(Optional.of("orders\\.[a-z]{2}"), options.pattern());
    assertEquals(
        new Membership("shop.regions", Protocol.CONSUMER, Optional.of("replica-1")),
        options.membership());
    assertTrue(options.exactlyOnce());
    assertEquals(Map.of("client.rack", "jaas value"), options.properties());
  }

  @Test
  void readsWhenADeadLetterGoesIntoQuarantine() {
    Manifest manifest = manifests.load(Manifests.whole());

    assertEquals(new DeadLetterTo.Store(5), manifest.triggers().get("nightly").deadLetter());
  }

  @Test
  void readsAPubSubTrigger() {
    TriggerSpec trigger = manifests.load(Manifests.whole()).triggers().get("invalidate");

    assertEquals(
        new Source.PubSub(
            "cache",
            new PubSubOptions(
                List.of("flush"),
                List.of("cache.*"),
                false,
                Order.PARTITION,
                PubSubOptions.Overflow.DROP_NEWEST,
                new PubSubOptions.Queue(50, 1 << 20),
                new PubSubOptions.Queue(500, 10 << 20),
                Optional.of("invalidators"))),
        trigger.source());
    assertEquals(
        new DeadLetterTo.Sink(new Destination("cache", "stream:failed")), trigger.deadLetter());
  }

  @Test
  void readsStreamTriggers() {
    Map<String, TriggerSpec> triggers = manifests.load(Manifests.whole()).triggers();

    assertEquals(
        new Source.RedisStream(
            "cache",
            new StreamOptions(
                List.of("payments"),
                4,
                "payers",
                "payer-1",
                StreamOptions.Start.LATEST,
                Order.PARTITION,
                "account",
                Duration.ofMinutes(5),
                50,
                StreamOptions.Trim.SETTLED)),
        triggers.get("payments").source());
    StreamOptions audits = ((Source.RedisStream) triggers.get("audits").source()).options();
    assertEquals(List.of("audit.eu", "audit.us"), audits.keys());
    assertEquals("shop.audits", audits.group());
  }

  @Test
  void readsAListTrigger() {
    assertEquals(
        new Source.RedisList(
            "cache",
            new ListOptions("jobs", "worker-1", ListOptions.End.LEFT, Duration.ofSeconds(20), 10)),
        manifests.load(Manifests.whole()).triggers().get("jobs").source());
  }

  @Test
  void claimsAStreamsEntriesLaterThanTheFunctionMayRun() {
    Manifest manifest =
        manifests.load(
            """
            millrace: 1
            connections: { r: { redis: { url: "redis://h" } } }
            functions: { f: { wasm: charge.wasm, limits: { timeout: 2m } } }
            triggers:
              s: { redis: { connection: r, stream: x }, function: f }
              k: { redis: { connection: r, stream: y, key_shards: 2 }, function: f }
            """);

    StreamOptions plain = ((Source.RedisStream) manifest.triggers().get("s").source()).options();
    StreamOptions sharded = ((Source.RedisStream) manifest.triggers().get("k").source()).options();
    assertEquals(Duration.ofSeconds(150), plain.claimAfter());
    assertEquals(Order.NONE, plain.order());
    assertEquals(Order.KEY, sharded.order());
    assertEquals(List.of("y:0", "y:1"), sharded.keys());
    assertTrue(plain.consumer().endsWith(".s"), plain.consumer());
  }

  @Test
  void readsACronTriggerWithItsData() {
    TriggerSpec trigger = manifests.load(Manifests.whole()).triggers().get("nightly");

    CronOptions options = ((Source.Cron) trigger.source()).options();
    assertEquals("0 2 * * *", options.schedule());
    assertEquals(ZoneId.of("America/New_York"), options.zone());
    assertEquals(CronOptions.Missed.ALL, options.missed());
    assertEquals(7, options.missedLimit());
    assertEquals(CronOptions.Overlap.QUEUE, options.overlap());
    assertEquals(Duration.ofSeconds(30), options.jitter());
    assertEquals("{\"job\":\"settle\"}", new String(options.data(), UTF_8));
    assertEquals("application/json", options.dataContentType());
  }

  /** The number of the line of the whole manifest that says this, from 1. */
  private static int lineOf(String text) {
    String whole = Manifests.whole();
    return (int) whole.substring(0, whole.indexOf(text)).lines().count();
  }

  @Test
  void readsTests() {
    List<TestSpec> tests = manifests.load(Manifests.whole()).tests();

    TestSpec first = tests.get(0);
    assertEquals("a negative amount is rejected", first.name());
    assertEquals(lineOf("- name: " + first.name()), first.line());
    assertEquals("e-1", first.given().event().id());
    assertEquals("shop", first.given().event().source());
    assertEquals("order", first.given().event().type());
    assertEquals(Optional.of("42"), first.given().event().subject());
    assertEquals(Instant.parse("2026-03-01T10:00:00Z"), first.given().event().time());
    assertEquals(
        Optional.of("application/vnd.order+json"), first.given().event().dataContentType());
    assertEquals(Map.of("tenant", "eu"), first.given().event().extensions());
    assertArrayEquals("k-1".getBytes(UTF_8), first.given().event().key());
    assertEquals("trace", first.given().event().headers().getFirst().name());
    assertArrayEquals("7".getBytes(UTF_8), first.given().event().headers().getFirst().value());
    assertEquals("{\"amount\":-1}", new String(first.given().event().data(), UTF_8));
    assertEquals(2, first.given().attempt());
    assertEquals(TestSpec.Ending.FAIL, first.expect().ending());
    assertEquals(Optional.of(FailureKind.TRAP), first.expect().failure());
    assertEquals(Optional.of("negative"), first.expect().log());
    assertEquals(Optional.of("unreachable"), first.expect().error());

    TestSpec second = tests.get(1);
    assertEquals("charge 2", second.name());
    assertEquals(TestSpec.Ending.DONE, second.expect().ending());
    assertEquals("{\"charged\":true}", second.expect().reply().orElseThrow().toString());
    TestSpec.ExpectedMessage message = second.expect().publishes().orElseThrow().getFirst();
    assertEquals(new Destination("events", "orders.charged"), message.to());
    assertEquals(Optional.of("k-1"), message.key());
    assertEquals("{\"charged\":true}", message.data().orElseThrow().toString());
  }

  @Test
  void readsGeneratedEvents() {
    List<FeedSpec> feeds = manifests.load(Manifests.whole()).dev().events();

    FeedSpec first = feeds.get(0);
    assertEquals(new Destination("events", "orders"), first.to());
    assertEquals(Duration.ofMillis(250), first.every());
    assertEquals(Optional.of("k-1"), first.key());
    assertEquals("trace", first.headers().getFirst().name());
    assertEquals("{\"amount\":5}", new String(first.data().getFirst().bytes(), UTF_8));
    List<Payload> cycled = feeds.get(1).data();
    assertEquals("one", new String(cycled.get(0).bytes(), UTF_8));
    assertEquals("text/plain", cycled.get(0).contentType());
    assertEquals("{\"two\":2}", new String(cycled.get(1).bytes(), UTF_8));
    assertEquals("application/json", cycled.get(1).contentType());
  }

  @Test
  void defaultsAreThoseOfTheRecords() {
    Manifest manifest =
        manifests.load(
            """
            millrace: 1
            connections: { k: { kafka: { bootstrap: "h:1" } }, r: { redis: { url: "redis://h" } } }
            functions: { f: { wasm: charge.wasm } }
            triggers:
              a: { kafka: { connection: k, topics: [x] }, function: f }
              b: { redis: { connection: r, channels: [x] }, function: f }
              c: { cron: { schedule: "@daily" }, function: f }
            """);

    assertEquals(directory.getFileName().toString(), manifest.app().name());
    assertEquals(ZoneOffset.UTC, manifest.app().timezone().normalized());
    assertEquals(
        new Manifest.Store(directory.resolve(".millrace/store.db"), true), manifest.store());
    assertEquals(new Manifest.Admin("127.0.0.1", 8280, true), manifest.admin());
    FunctionSpec function = manifest.functions().get("f");
    assertEquals(Limits.DEFAULT, function.limits());
    assertEquals(AbiSpec.AUTO, function.abi());
    assertEquals(InstanceMode.FRESH, function.instance());
    assertEquals(Runtime.getRuntime().availableProcessors(), function.concurrency());
    for (TriggerSpec trigger : manifest.triggers().values()) {
      assertEquals(RetryPolicy.DEFAULT, trigger.retry());
      assertEquals(Bounds.DEFAULT, trigger.bounds());
      assertEquals(new DeadLetterTo.Store(), trigger.deadLetter());
      assertEquals(Optional.empty(), trigger.publish());
    }
    assertEquals(
        new KafkaTriggerOptions(
            List.of("x"),
            Optional.empty(),
            Membership.of(manifest.app().name() + ".a", Protocol.CONSUMER),
            KafkaTriggerOptions.Start.EARLIEST,
            Order.KEY,
            false,
            Map.of()),
        ((Source.Kafka) manifest.triggers().get("a").source()).options());
    assertEquals(
        new PubSubOptions(
            List.of("x"),
            List.of(),
            true,
            Order.NONE,
            PubSubOptions.Overflow.DROP_OLDEST,
            PubSubOptions.DEFAULT_QUEUE,
            PubSubOptions.DEFAULT_JOURNAL),
        ((Source.PubSub) manifest.triggers().get("b").source()).options());
    CronOptions cron = ((Source.Cron) manifest.triggers().get("c").source()).options();
    assertEquals(CronOptions.Missed.LATEST, cron.missed());
    assertEquals(100, cron.missedLimit());
    assertEquals(CronOptions.Overlap.SKIP, cron.overlap());
    assertEquals(Duration.ZERO, cron.jitter());
    assertEquals(null, cron.data());
    assertEquals(
        new RedisConnection(URI.create("redis://h")),
        ((Connection.Redis) manifest.connections().get("r")).redis());
  }

  @Test
  void theExampleOfTheReferenceLoads() {
    manifests.load(
        """
        millrace: 1
        app: { name: orders, timezone: Europe/Paris }
        secrets: { stripe_key: { env: STRIPE_KEY } }
        connections:
          events: { kafka: { bootstrap: "${KAFKA:-localhost:9092}" } }
          cache:  { redis: { url: "${REDIS:-redis://localhost:6379}" } }
        functions:
          charge:
            wasm: charge.wasm
            limits: { timeout: 2s, memory: 64Mi, input: 1Mi, output: 1Mi, log: 64Ki }
            instance: fresh              # fresh | reuse
            concurrency: 8
            config: { region: eu, api_key: { secret: stripe_key } }
            allow: { http: ["https://api.stripe.com"], publish: [events/orders.charged], kv: [default] }
        triggers:
          orders:
            kafka: { connection: events, topics: [orders], group: charge, start: earliest, order: key }
            function: charge
            retry: { max_attempts: 5, backoff: { initial: 200ms, max: 60s, multiplier: 2 }, max_age: 1h }
            publish: { to: events/orders.charged }
            dead_letter: { to: events/orders.dlq }      # default: the store
          invalidate: { redis: { connection: cache, patterns: ["cache.*"] }, function: charge }
          nightly:    { cron: { schedule: "0 2 * * *", missed: latest, overlap: skip }, function: charge, data: { job: settle } }
        tests:
          - { function: charge, event: { data: { amount: -1 } }, expect: { outcome: reject } }
        """);
  }

  @Test
  void aFunctionThatMayWaitHasMoreInvocationsAtOnce() {
    Manifest manifest =
        manifests.load(
            """
            millrace: 1
            functions:
              asks: { wasm: charge.wasm, allow: { http: ["https://api.example"] } }
              keeps: { wasm: charge.wasm, allow: { kv: [default] } }
              claims: { wasm: charge.wasm, allow: { once: true } }
              says: { wasm: charge.wasm, concurrency: 3, allow: { once: true } }
            triggers:
              a: { cron: { schedule: "@daily" }, function: asks }
              k: { cron: { schedule: "@daily" }, function: keeps }
              c: { cron: { schedule: "@daily" }, function: claims }
              s: { cron: { schedule: "@daily" }, function: says }
            """);

    int more = 8 * Runtime.getRuntime().availableProcessors();
    assertEquals(more, manifest.functions().get("asks").concurrency());
    assertEquals(more, manifest.functions().get("keeps").concurrency());
    assertEquals(more, manifest.functions().get("claims").concurrency());
    assertEquals(3, manifest.functions().get("says").concurrency());
  }

  @Test
  void aVariableTakesTheTypeThatItsKeyAsksFor() {
    manifests.environment.put("MANY", "12");
    manifests.environment.put("DURABLE", "false");
    manifests.environment.put("EMPTY", "");

    Manifest manifest =
        manifests.load(
            """
            millrace: 1
            app: { name: "${EMPTY:-orders}-${MANY}" }
            store: { durable: "${DURABLE}" }
            functions:
              f:
                wasm: "charge${EMPTY}.wasm"
                concurrency: "${MANY}"
                config: { number: "${MANY}", literal: "$${MANY}", dollar: "$5 ${NONE:-}" }
            triggers: { t: { cron: { schedule: "@daily" }, function: f, max_in_flight: "${MANY}" } }
            """);

    assertEquals("orders-12", manifest.app().name());
    assertFalse(manifest.store().durable());
    FunctionSpec function = manifest.functions().get("f");
    assertEquals(12, function.concurrency());
    assertEquals(Map.of("number", "12", "literal", "${MANY}", "dollar", "$5 "), function.config());
    assertEquals(12, manifest.triggers().get("t").bounds().events());
  }

  @Test
  void aVariableCannotChangeTheStructure() {
    manifests.environment.put("EVIL", "x }, store: { durable: false");

    List<String> found = manifests.rendered("millrace: 1\napp: { name: \"${EVIL}\" }\n");

    assertEquals(1, found.size());
    assertTrue(found.getFirst().contains("bad-value app.name is 'x }, store:"), found.getFirst());
  }

  @Test
  void aliasesStandForWhatTheyName() {
    Manifest manifest =
        manifests.load(
            """
            millrace: 1
            functions: { f: { wasm: charge.wasm } }
            triggers:
              a: { cron: { schedule: "@daily" }, function: f, retry: &slow { max_attempts: 9 } }
              b: { cron: { schedule: "@daily" }, function: f, retry: *slow }
            """);

    assertEquals(9, manifest.triggers().get("b").retry().tries().maxAttempts());
  }

  @Test
  void readsAFileByItsNameToo() {
    manifests.write("other.yaml", SMALL.getBytes(UTF_8));
    ManifestReader reader = ManifestReader.of(Map.of());

    ManifestResult result = reader.read(directory.resolve("other.yaml"));

    Manifest manifest = assertInstanceOf(ManifestResult.Loaded.class, result).manifest();
    assertEquals(directory.resolve("other.yaml"), manifest.file());
  }

  @Test
  void readsAByteOrderMarkAndOtherLineEnds() {
    manifests.load("\uFEFF" + SMALL.replace("\n", "\r\n"));
  }

  @Test
  void saysWhyAFileCannotBeRead() {
    ManifestReader reader = ManifestReader.of(Map.of());

    ManifestResult result = reader.read(directory.resolve("absent"));

    assertEquals(
        List.of(
            "absent:1:1 unreadable the manifest cannot be read: there is no such file; name a"
                + " manifest, or a directory with a millrace.yaml"),
        manifests.rendered(result));
  }

  @Test
  void refusesBinaryFilesAndHugeOnes() {
    assertEquals(
        List.of("millrace.yaml:1:3 unreadable byte 2 is not UTF-8; a manifest is UTF-8 text"),
        manifests.rendered(manifests.read(new byte[] {'a', ':', (byte) 0xff, 0})));
    assertEquals(
        List.of(
            "millrace.yaml:2:3 syntax character U+0001 is not allowed in YAML; is this a text"
                + " file?\n  bc\uFFFD\n    ^"),
        manifests.rendered("a\nbc\u0001"));
    assertEquals(
        List.of(
            "millrace.yaml:1:1 unreadable the file has 1048577 bytes; a manifest has at most"
                + " 1048576"),
        manifests.rendered("#".repeat((1 << 20) + 1)));
  }

  @Test
  void anAliasBombIsRefused() {
    StringBuilder bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 12; i++) {
      bomb.append("a%d: &a%d [%s]\n".formatted(i, i, ("*a" + (i - 1) + ", ").repeat(10)));
    }

    List<String> found = manifests.rendered(bomb.toString());

    assertEquals(1, found.size());
    assertTrue(
        found.getFirst().contains("more than 100000 values once its aliases are written out"),
        found.getFirst());
  }

  @Test
  void deepNestingIsRefused() {
    List<String> found = manifests.rendered("a: " + "[".repeat(100_000));

    assertTrue(
        found.getFirst().startsWith("millrace.yaml:1:68 syntax nested more than 64 levels deep"),
        found.getFirst());
  }

  @Test
  void aBadModuleIsReportedWhereItIsNamed() {
    manifests.modules =
        spec -> List.of("imports 'env.socket', which no grant covers; remove the import");

    assertEquals(
        List.of(
            """
            millrace.yaml:2:25 module function 'f': imports 'env.socket', which no grant covers; remove the import
              functions: { f: { wasm: charge.wasm } }
                                      ^"""),
        manifests.rendered(SMALL));
  }

  @Test
  void aHostCallWithoutItsGrantIsAWarning() {
    manifests.modules =
        new ModuleCheck() {
          @Override
          public List<String> problems(FunctionSpec spec) {
            return List.of();
          }

          @Override
          public List<String> warnings(FunctionSpec spec) {
            return List.of("imports millrace.publish");
          }
        };

    assertTrue(
        manifests
            .rendered(SMALL)
            .getFirst()
            .startsWith(
                "millrace.yaml:2:25 ungranted-import warning: function 'f': imports"
                    + " millrace.publish\n"),
        manifests.rendered(SMALL).getFirst());
  }

  @Test
  void anAbsentModuleIsNotLookedInto() {
    manifests.modules =
        spec -> {
          throw new AssertionError("looked into " + spec.program().module().orElseThrow());
        };

    List<String> found = manifests.rendered(SMALL.replace("charge.wasm", "absent.wasm"));

    assertTrue(found.getFirst().contains(" wasm-missing "), found.getFirst());
  }

  @Test
  void anEphemeralStoreIsReported() {
    manifests.disk = path -> Optional.of("is in memory");

    assertEquals(
        List.of(
            """
            millrace.yaml:4:16 ephemeral-store warning: the store a.db is in memory; with it go dead letters, waiting pub/sub messages and cron's fire times. Put it on a disk that stays, or say store.durable: false
              store: { path: a.db }
                             ^"""),
        manifests.rendered(SMALL + "store: { path: a.db }\n"));
    String byDefault = manifests.rendered("# nothing of a store\n" + SMALL).getFirst();
    assertTrue(byDefault.startsWith("millrace.yaml:2:1 ephemeral-store warning: "), byDefault);
    assertEquals(List.of(), manifests.rendered(SMALL + "store: { durable: false }\n"));
  }

  @Test
  void aSecretIsNotWrittenOut() {
    Manifest manifest = manifests.load(Manifests.whole());

    assertFalse(manifest.toString().contains("s3cret"), manifest::toString);
    assertFalse(manifest.toString().contains("jaas value"), manifest::toString);
  }

  @Test
  void aSecretNeverReachesAMessage() {
    manifests.environment.put("STRIPE_KEY", "not a url s3cret");
    manifests.environment.put("REDIS", "also s3cret");
    manifests.environment.put("KAFKA", "third s3cret");

    List<String> found = manifests.rendered(Manifests.whole());

    assertEquals(3, found.stream().filter(text -> text.contains("bad-address")).count());
    assertFalse(String.join("\n", found).contains("s3cret"), found::toString);
  }

  @Test
  void tellsAStoreThatIsAsSafeAsABroker() {
    String rest = "millrace: 1\nstore: ";

    assertFalse(manifests.load("millrace: 1\n").store().safeAsABroker());
    assertTrue(manifests.load(rest + "{ durable: true }\n").store().safeAsABroker());
    assertTrue(manifests.load(rest + "{ url: 'postgresql://db/x' }\n").store().safeAsABroker());
    assertFalse(manifests.load(rest + "{ durable: false }\n").store().safeAsABroker());
  }
}
