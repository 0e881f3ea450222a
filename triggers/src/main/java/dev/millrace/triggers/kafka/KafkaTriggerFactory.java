package dev.millrace.triggers.kafka;

import dev.millrace.triggers.Trigger;
import dev.millrace.triggers.TriggerContext;
import dev.millrace.triggers.TriggerFactory;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.apache.kafka.clients.consumer.KafkaConsumer;

/**
 * Makes triggers that read Kafka topics as a member of a consumer group.
 *
 * @param connection the cluster
 * @param options what to read, and how
 */
public record KafkaTriggerFactory(KafkaConnection connection, KafkaTriggerOptions options)
    implements TriggerFactory {

  /**
   * Makes the trigger; opens no connection and starts no thread.
   *
   * @throws IllegalArgumentException if a property of the manifest is one that the trigger sets
   *     itself
   */
  @Override
  public Trigger create(TriggerContext context) {
    return create(context, KafkaTiming.DEFAULT);
  }

  Trigger create(TriggerContext context, KafkaTiming timing) {
    Map<String, Object> properties = KafkaClients.consumer(context.name(), connection, options);
    return new KafkaTrigger(
        context,
        options,
        timing,
        () -> new KafkaConsumer<>(properties),
        RandomGenerator.getDefault());
  }
}
