package dev.millrace.triggers.redis;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.triggers.Trigger;
import dev.millrace.triggers.TriggerContext;
import dev.millrace.triggers.local.LocalRedis;
import dev.millrace.triggers.testing.FakeIntake;
import dev.millrace.triggers.testing.FakeSignals;
import dev.millrace.triggers.testing.MemoryJournal;
import dev.millrace.triggers.testing.RedisBroker;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Clock;
import java.util.Base64;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.RedisClient;

/** Redis over TLS, with a certificate of our own making for {@code localhost}. */
class RedisTlsIT {

  private static final String PASSWORD = "changeit";

  @TempDir private static Path directory = Path.of("");
  private static Path certificate = Path.of("");
  private static Path key = Path.of("");
  private final FakeIntake intake = FakeIntake.unbounded().settlingAll();
  private final FakeSignals signals = new FakeSignals();

  @BeforeAll
  static void makeCertificate() throws Exception {
    Path store = directory.resolve("server.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "redis",
                "-keyalg",
                "EC",
                "-dname",
                "CN=localhost",
                "-ext",
                "san=dns:localhost",
                "-validity",
                "2",
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass",
                PASSWORD)
            .inheritIO()
            .start();
    assertTrue(keytool.waitFor() == 0, "keytool");
    KeyStore keys = KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
    certificate = pem("server.crt", "CERTIFICATE", keys.getCertificate("redis").getEncoded());
    key =
        pem("server.key", "PRIVATE KEY", keys.getKey("redis", PASSWORD.toCharArray()).getEncoded());
  }

  private static Path pem(String file, String kind, byte[] content) throws IOException {
    String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
    return Files.writeString(
        directory.resolve(file),
        "-----BEGIN " + kind + "-----\n" + text + "\n-----END " + kind + "-----\n");
  }

  private Trigger trigger(RedisConnection connection) {
    Trigger trigger =
        new PubSubTriggerFactory(
                connection, Servers.durableChannel("orders"), new MemoryJournal(), Servers.FAST)
            .create(new TriggerContext("orders", intake, signals, Clock.systemUTC()));
    trigger.start();
    return trigger;
  }

  private LocalRedis tlsServer() {
    return RedisBroker.killable(
        LocalRedis.Options.defaults().withPassword("secret").withTls(certificate, key));
  }

  @Test
  void subscribesAndPublishesOverTls() {
    try (LocalRedis redis = tlsServer()) {
      RedisConnection trusting = new RedisConnection(redis.url(), Optional.of(certificate));
      Trigger trigger = trigger(trusting);
      try (RedisClient client = Servers.client(trusting)) {
        Awaitility.await()
            .atMost(FakeIntake.PATIENCE)
            .until(() -> !signals.connections().isEmpty());
        client.publish("orders", "over TLS");

        intake.awaitAccepted(1);
      } finally {
        trigger.close();
      }
    }
  }

  @Test
  void doesNotTalkToAServerItCannotTrust() {
    try (LocalRedis redis = tlsServer()) {
      assertRefused(new RedisConnection(redis.url()));
    }
  }

  @Test
  void doesNotTalkToAServerWhoseCertificateIsForAnotherHost() {
    try (LocalRedis redis = tlsServer()) {
      URI byAddress = URI.create(redis.url().toString().replace("localhost", "127.0.0.1"));
      assertRefused(new RedisConnection(byAddress, Optional.of(certificate)));
    }
  }

  @Test
  void saysWhichFileOfAuthoritiesCannotBeRead() {
    Path missing = directory.resolve("missing.pem");
    Trigger trigger =
        trigger(new RedisConnection(URI.create("rediss://localhost:1"), Optional.of(missing)));
    try {
      Awaitility.await()
          .atMost(FakeIntake.PATIENCE)
          .until(() -> trigger.status().detail().contains("missing.pem"));
    } finally {
      trigger.close();
    }
  }

  private void assertRefused(RedisConnection connection) {
    Trigger trigger = trigger(connection);
    try {
      Awaitility.await()
          .atMost(FakeIntake.PATIENCE)
          .until(() -> trigger.status().detail().contains("TLS failed"));
    } finally {
      trigger.close();
    }
  }
}
