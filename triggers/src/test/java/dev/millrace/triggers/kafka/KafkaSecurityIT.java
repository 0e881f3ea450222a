package dev.millrace.triggers.kafka;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.abi.Message;
import dev.millrace.triggers.Trigger;
import dev.millrace.triggers.TriggerContext;
import dev.millrace.triggers.TriggerStatus.State;
import dev.millrace.triggers.local.LocalKafka;
import dev.millrace.triggers.testing.FakeIntake;
import dev.millrace.triggers.testing.FakeSignals;
import dev.millrace.triggers.testing.KafkaBroker;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SASL over TLS, set by properties alone, with a real broker that takes nothing else from them. */
class KafkaSecurityIT {

  private static final String STORE_PASSWORD = "changeit";
  private static final String PASSWORD = "s3cr3t-of-millrace";

  @TempDir private static Path directory = Path.of("");
  private static LocalKafka broker;
  private static String secured;
  private static TestTopic topic;

  private final FakeIntake intake = FakeIntake.unbounded().settlingAll();
  private final FakeSignals signals = new FakeSignals();

  @BeforeAll
  static void startBroker() throws Exception {
    Path store = directory.resolve("broker.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "broker",
                "-keyalg",
                "RSA",
                "-dname",
                "CN=localhost",
                "-ext",
                "san=dns:localhost,ip:127.0.0.1",
                "-validity",
                "2",
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass",
                STORE_PASSWORD)
            .inheritIO()
            .start();
    assertEquals(0, keytool.waitFor(), "keytool");
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    secured = "127.0.0.1:" + port;
    Map<String, String> overrides = new HashMap<>();
    overrides.put(
        "listeners",
        "PLAINTEXT://127.0.0.1:{port},SASL_SSL://"
            + secured
            + ",CONTROLLER://127.0.0.1:{controllerPort}");
    overrides.put("advertised.listeners", "PLAINTEXT://127.0.0.1:{port},SASL_SSL://" + secured);
    overrides.put(
        "listener.security.protocol.map",
        "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL");
    overrides.put("sasl.enabled.mechanisms", "PLAIN");
    overrides.put(
        "listener.name.sasl_ssl.plain.sasl.jaas.config",
        "org.apache.kafka.common.security.plain.PlainLoginModule required user_millrace=\""
            + PASSWORD
            + "\";");
    overrides.put("ssl.keystore.type", "PKCS12");
    overrides.put("ssl.keystore.location", store.toString().replace('\\', '/'));
    overrides.put("ssl.keystore.password", STORE_PASSWORD);
    broker = KafkaBroker.killable(overrides);
    topic = TestTopic.create(broker.bootstrap(), 1);
  }

  @AfterAll
  static void stopBroker() {
    topic.close();
    broker.close();
  }

  private static KafkaConnection connection(String password) {
    return new KafkaConnection(
        secured,
        Map.of(
            "security.protocol",
            "SASL_SSL",
            "sasl.mechanism",
            "PLAIN",
            "sasl.jaas.config",
            "org.apache.kafka.common.security.plain.PlainLoginModule required username=millrace"
                + " password=\""
                + password
                + "\";",
            "ssl.truststore.type",
            "PKCS12",
            "ssl.truststore.location",
            directory.resolve("broker.p12").toString(),
            "ssl.truststore.password",
            STORE_PASSWORD));
  }

  private Trigger start(KafkaConnection connection) {
    Trigger trigger =
        new KafkaTriggerFactory("events", connection, topic.options())
            .create(new TriggerContext("orders", intake, signals, Clock.systemUTC()));
    trigger.start();
    return trigger;
  }

  @Test
  void readsAndPublishesOverSaslAndTls() throws Exception {
    KafkaConnection connection = connection(PASSWORD);
    try (KafkaPublisher publisher = KafkaPublisher.create("events", connection)) {
      publisher
          .publish(List.of(new Message("events/" + topic.name(), null, List.of(), new byte[] {7})))
          .toCompletableFuture()
          .get(60, TimeUnit.SECONDS);
    }
    Trigger trigger = start(connection);
    try {
      intake.awaitAccepted(1);
      assertEquals(7, intake.events().get(0).data()[0]);
    } finally {
      trigger.close();
    }
  }

  @Test
  void saysThatCredentialsAreWrongAndNotWhichTheyWere() {
    String wrong = "wr0ng-passw0rd";
    KafkaConnection connection = connection(wrong);
    Trigger trigger = start(connection);
    try {
      await()
          .atMost(FakeIntake.PATIENCE)
          .until(() -> trigger.status().detail().contains("refuses the connection's credentials"));
      assertEquals(State.CONNECTING, trigger.status().state());
      String said = trigger.status() + signals.disconnections().toString() + connection;
      assertFalse(said.contains(wrong), said);
      assertFalse(said.contains(STORE_PASSWORD), said);
    } finally {
      trigger.close();
    }
    assertTrue(topic.options().toString().contains(topic.name()), "options show what is no secret");
  }
}
