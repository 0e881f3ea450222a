package dev.millrace.triggers.local;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.triggers.testing.KafkaBroker;
import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Test;

class LocalKafkaIT {

  /** A program that starts a broker and then does nothing. */
  public static final class Parent {
    private Parent() {}

    @SuppressWarnings("SystemOut") // the test reads it
    public static void main(String[] arguments) throws Exception {
      LocalKafka kafka = LocalKafka.start(Path.of(arguments[0]));
      System.out.println("ready " + kafka.log());
      Thread.sleep(Duration.ofMinutes(10));
    }
  }

  @Test
  void doesNotOutliveAParentThatIsKilled() throws Exception {
    Process parent =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Parent.class.getName(),
                System.getProperty("millrace.kafka.broker.lib"))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    BufferedReader output = parent.inputReader(StandardCharsets.UTF_8);
    String line;
    do {
      line = output.readLine();
    } while (line != null && !line.startsWith("ready "));
    assertNotNull(line, "the parent started its broker");
    Path log = Path.of(line.substring("ready ".length()));
    assertTrue(Files.exists(log));
    List<ProcessHandle> brokers = parent.descendants().toList();
    assertEquals(1, brokers.size());

    parent.destroyForcibly();

    await().atMost(Duration.ofSeconds(60)).until(() -> !brokers.get(0).isAlive());
    assertFalse(Files.exists(log), "its data is gone with it");
  }

  @Test
  void keepsPortAndDataOverAKillAndRemovesThemOnClose() throws Exception {
    LocalKafka kafka = KafkaBroker.killable(Map.of());
    try (kafka) {
      String bootstrap = kafka.bootstrap();
      try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
        admin
            .createTopics(List.of(new NewTopic("kept", 1, (short) 1)))
            .all()
            .get(60, TimeUnit.SECONDS);
      }

      kafka.kill();
      assertFalse(kafka.isRunning());
      kafka.restart();

      assertTrue(kafka.isRunning());
      assertEquals(bootstrap, kafka.bootstrap());
      try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
        assertEquals(Set.of("kept"), admin.listTopics().names().get(60, TimeUnit.SECONDS));
      }
    }

    assertFalse(kafka.isRunning());
    assertFalse(Files.exists(kafka.log().getParent()));
  }
}
