package dev.millrace.triggers.kafka;

import dev.millrace.triggers.Trigger;
import dev.millrace.triggers.TriggerContext;
import dev.millrace.triggers.TriggerFactory;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;

/**
 * Makes triggers that read Kafka topics as a queue.
 *
 * @param connection the cluster
 * @param options what to read, and how
 */
public record KafkaQueueTriggerFactory(KafkaConnection connection, KafkaQueueOptions options)
    implements TriggerFactory {

  /**
   * Makes the trigger; opens no connection and starts no thread.
   *
   * @throws IllegalArgumentException if a property of the manifest is one that the trigger sets
   *     itself
   */
  @Override
  public Trigger create(TriggerContext context) {
    Map<String, Object> properties = KafkaClients.share(context.name(), connection, options);
    return new KafkaQueueTrigger(
        context,
        options,
        KafkaTiming.DEFAULT,
        () -> KafkaClients.make(properties, KafkaShareConsumer<byte[], byte[]>::new),
        new ShareGroup(context.name(), connection, options));
  }
}
