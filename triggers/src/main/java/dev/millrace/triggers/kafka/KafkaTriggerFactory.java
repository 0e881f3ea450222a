package dev.millrace.triggers.kafka;

import dev.millrace.triggers.Trigger;
import dev.millrace.triggers.TriggerContext;
import dev.millrace.triggers.TriggerFactory;
import java.util.UUID;
import java.util.random.RandomGenerator;

/**
 * Makes triggers that read Kafka topics as a member of a consumer group.
 *
 * @param connectionName the connection's name in the manifest, which the results of functions name
 * @param connection the cluster
 * @param options what to read, and how
 */
public record KafkaTriggerFactory(
    String connectionName, KafkaConnection connection, KafkaTriggerOptions options)
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
    KafkaLinks links =
        KafkaLinks.to(
            context.name(), connectionName, connection, options, transactionalId(context.name()));
    return new KafkaTrigger(context, options, timing, links, RandomGenerator.getDefault());
  }

  /**
   * A static member keeps its id over restarts, so that it ends at once what it left open. Any
   * other trigger is told from its replicas by chance.
   */
  private String transactionalId(String trigger) {
    Membership membership = options.membership();
    return "millrace-%s-%s-%s"
        .formatted(
            membership.group(),
            trigger,
            membership.instance().orElseGet(() -> UUID.randomUUID().toString()));
  }
}
