package dev.millrace.triggers.kafka;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.errors.TopicExistsException;

/** Creates topics, for {@code millrace dev} and for tests. Every method blocks. */
public final class KafkaTopics {

  private KafkaTopics() {}

  /**
   * Creates those of these topics that do not exist, with the broker's default replication, and
   * leaves the others as they are.
   *
   * @param partitions how many partitions each new topic gets, at least 1
   * @throws IOException if the broker refuses, or does not answer in time
   */
  public static void ensure(
      KafkaConnection connection, Collection<String> topics, int partitions, Duration timeout)
      throws IOException {
    Map<String, Object> properties = KafkaClients.admin("topics", connection);
    try (Admin admin = KafkaClients.make(properties, Admin::create)) {
      Set<String> existing = new HashSet<>(get(admin.listTopics().names(), timeout));
      List<NewTopic> missing = new ArrayList<>();
      for (String topic : Set.copyOf(topics)) {
        if (!existing.contains(topic)) {
          missing.add(new NewTopic(topic, Optional.of(partitions), Optional.empty()));
        }
      }
      for (Future<Void> created : admin.createTopics(missing).values().values()) {
        awaitCreated(created, timeout);
      }
    }
  }

  private static void awaitCreated(Future<Void> created, Duration timeout) throws IOException {
    try {
      get(created, timeout);
    } catch (IOException e) {
      if (!(e.getCause() instanceof TopicExistsException)) {
        throw e;
      }
    }
  }

  private static <T> T get(Future<T> answer, Duration timeout) throws IOException {
    try {
      return answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new IOException("Kafka refuses: " + e.getCause().getMessage(), e.getCause());
    } catch (TimeoutException e) {
      throw new IOException("Kafka does not answer within " + timeout.toSeconds() + " s", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while Kafka was asked", e);
    }
  }
}
