package dev.millrace.worker.replay;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.abi.Message;
import dev.millrace.triggers.kafka.KafkaReturn;
import dev.millrace.triggers.redis.RedisReturn;
import dev.millrace.worker.manifest.TriggerSpec;
import dev.millrace.worker.manifest.TriggerSpec.Source;
import java.util.Map;
import java.util.Optional;

/**
 * Knows how an event gets back to where its trigger had it from.
 *
 * @param triggers the manifest's triggers
 */
public record ReturnToSource(Map<String, TriggerSpec> triggers) {

  /**
   * The message that is the event again at its source.
   *
   * @return empty where there is no way back: a schedule takes nothing, and neither does a trigger
   *     that the manifest does not have
   */
  Optional<Message> message(String trigger, DetachedEvent event) {
    TriggerSpec spec = triggers.get(trigger);
    if (spec == null) {
      return Optional.empty();
    }
    return switch (spec.source()) {
      case Source.Kafka kafka -> KafkaReturn.message(kafka.connection(), event);
      case Source.Queue queue -> KafkaReturn.message(queue.connection(), event);
      case Source.PubSub pubSub -> RedisReturn.message(pubSub.connection(), event);
      case Source.RedisStream stream -> RedisReturn.message(stream.connection(), event);
      case Source.RedisList list -> Optional.empty(); // nothing can be sent to a list
      case Source.Cron cron -> Optional.empty();
    };
  }
}
