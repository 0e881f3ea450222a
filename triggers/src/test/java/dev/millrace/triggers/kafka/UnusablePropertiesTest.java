package dev.millrace.triggers.kafka;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.triggers.Order;
import dev.millrace.triggers.Trigger;
import dev.millrace.triggers.TriggerContext;
import dev.millrace.triggers.TriggerStatus.State;
import dev.millrace.triggers.kafka.KafkaTriggerOptions.Start;
import dev.millrace.triggers.kafka.Membership.Protocol;
import dev.millrace.triggers.testing.FakeIntake;
import dev.millrace.triggers.testing.FakeSignals;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.KafkaException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is said of properties that Kafka's own clients refuse. */
class UnusablePropertiesTest {

  private static final String SECRET = "geheim-7";

  private static final String PLAIN = "org.apache.kafka.common.security.plain.PlainLoginModule";

  private static KafkaConnection connection(Map<String, String> properties) {
    return new KafkaConnection("127.0.0.1:1", properties);
  }

  private static KafkaConnection sasl(String jaas) {
    return connection(
        Map.of(
            "security.protocol",
            "SASL_PLAINTEXT",
            "sasl.mechanism",
            "PLAIN",
            "sasl.jaas.config",
            jaas));
  }

  private static KafkaTriggerOptions options(Map<String, String> properties) {
    return new KafkaTriggerOptions(
        List.of("orders"),
        Optional.empty(),
        Membership.of("charge", Protocol.CONSUMER),
        Start.LATEST,
        Order.KEY,
        false,
        properties);
  }

  private static KafkaException refusal(Map<String, Object> properties) {
    return assertThrows(
        KafkaException.class,
        () -> KafkaClients.make(properties, KafkaConsumer<byte[], byte[]>::new));
  }

  private static KafkaException refusalOfConsumer(KafkaConnection connection) {
    return refusal(KafkaClients.consumer("orders", connection, options(Map.of())));
  }

  /** All that a logger prints of it. */
  private static String printed(Throwable failure) {
    StringWriter text = new StringWriter();
    failure.printStackTrace(new PrintWriter(text, true));
    return text.toString();
  }

  private static void assertShows(String expected, KafkaException refusal) {
    String printed = printed(refusal);
    assertFalse(printed.contains("geheim"), printed);
    assertTrue(printed.contains(expected), printed);
  }

  /** The clients that a manifest's properties go to, with a secret where a number should be. */
  static Stream<Runnable> clients() {
    KafkaConnection connection = connection(Map.of("retry.backoff.ms", SECRET));
    Map<String, Object> consumer = KafkaClients.consumer("orders", connection, options(Map.of()));
    Map<String, Object> share =
        KafkaClients.share(
            "orders",
            connection,
            new KafkaQueueOptions(List.of("orders"), "charge", Start.LATEST, 1, 1, Map.of()));
    Map<String, Object> producer = KafkaClients.producer("events", connection);
    Map<String, Object> transactional = KafkaClients.transactional("orders", connection, "id");
    Map<String, Object> admin = KafkaClients.admin("orders", connection);
    return Stream.of(
        () -> KafkaClients.make(consumer, KafkaConsumer<byte[], byte[]>::new),
        () -> KafkaClients.make(share, KafkaShareConsumer<byte[], byte[]>::new),
        () -> KafkaClients.make(producer, KafkaProducer<byte[], byte[]>::new),
        () -> KafkaClients.make(transactional, KafkaProducer<byte[], byte[]>::new),
        () -> KafkaClients.make(admin, Admin::create));
  }

  @ParameterizedTest
  @MethodSource("clients")
  void namesThePropertyAndTheRuleAndNotTheValue(Runnable client) {
    KafkaException refusal = assertThrows(KafkaException.class, client::run);

    assertShows("'retry.backoff.ms': Not a number of type LONG", refusal);
    assertFalse(Trouble.mayPass(refusal));
  }

  @Test
  void namesAClassThatIsMissingByItsProperty() {
    KafkaException refusal =
        refusal(
            KafkaClients.consumer(
                "orders",
                connection(Map.of()),
                options(Map.of("interceptor.classes", "com.example.geheim7"))));

    assertShows("Class [interceptor.classes] cannot be found", refusal);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        PLAIN + " required username=millrace password=abc geheim-7;",
        PLAIN + " required username=millrace password=\"geheim-7\"",
        PLAIN + " required username=millrace password=abc;geheim-7 d;",
        PLAIN + " geheim-7 username=millrace;",
        PLAIN + " required geheim-7;",
        "geheim-7"
      })
  void showsNothingOfMalformedCredentials(String jaas) {
    KafkaException refusal = refusalOfConsumer(sasl(jaas));

    assertShows("'sasl.jaas.config'", refusal);
    assertFalse(Trouble.mayPass(refusal));
  }

  @Test
  void saysWhichPartOfCredentialsIsMalformed() {
    KafkaException refusal =
        refusalOfConsumer(sasl(PLAIN + " required username=millrace password=4711;"));

    assertShows("Value not specified for key 'password' in JAAS config", refusal);
  }

  @Test
  void showsNothingOfASecretThatStandsWhereAClassShould() {
    KafkaException refusal = refusalOfConsumer(sasl(SECRET + " required;"));

    assertShows("[sasl.jaas.config]", refusal);
  }

  @Test
  void namesTheFileThatIsMissingByItsPropertyAndGoesOnTrying() {
    KafkaException refusal =
        refusalOfConsumer(
            connection(
                Map.of(
                    "security.protocol",
                    "SSL",
                    "ssl.truststore.location",
                    "/nowhere/geheim.p12",
                    "ssl.truststore.password",
                    SECRET)));

    assertShows("[ssl.truststore.location]", refusal);
    assertTrue(Trouble.mayPass(refusal), "the file may come");
  }

  @Test
  void aHostThatIsNotKnownYetIsNoPropertyThatCannotBeUsed() {
    KafkaException refusal =
        refusalOfConsumer(new KafkaConnection("no-such-host.invalid:9092", Map.of()));

    assertTrue(Trouble.mayPass(refusal), printed(refusal));
  }

  @Test
  void aTriggerShowsItInItsStatus() {
    FakeSignals signals = new FakeSignals();
    KafkaConnection connection = connection(Map.of("retry.backoff.ms", SECRET));
    Trigger trigger =
        new KafkaTriggerFactory("events", connection, options(Map.of()))
            .create(
                new TriggerContext("orders", FakeIntake.unbounded(), signals, Clock.systemUTC()));
    trigger.start();
    try {
      await()
          .atMost(FakeIntake.PATIENCE)
          .untilAsserted(() -> assertEquals(State.FAILED, trigger.status().state()));

      String detail = trigger.status().detail();
      assertTrue(detail.contains("'retry.backoff.ms'"), detail);
      assertFalse(detail.contains(SECRET), detail);
    } finally {
      trigger.close();
    }
  }
}
