package dev.millrace.triggers.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.triggers.testing.KafkaBroker;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Test;

class LocalKafkaIT {

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
