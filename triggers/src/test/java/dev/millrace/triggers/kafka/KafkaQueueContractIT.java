package dev.millrace.triggers.kafka;

import dev.millrace.triggers.Trigger;
import dev.millrace.triggers.TriggerContext;
import dev.millrace.triggers.kafka.KafkaTriggerOptions.Start;
import dev.millrace.triggers.testing.DurableTriggerContract;
import dev.millrace.triggers.testing.KafkaBroker;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

class KafkaQueueContractIT extends DurableTriggerContract {

  private TestTopic topic;
  private int produced;

  @BeforeEach
  void createTopic() throws Exception {
    topic = TestTopic.create(KafkaBroker.bootstrap(), 1);
  }

  @AfterEach
  void closeTopic() {
    topic.close();
  }

  private KafkaQueueOptions options() {
    return new KafkaQueueOptions(
        List.of(topic.name()), topic.group(), Start.EARLIEST, 2, 4, Map.of());
  }

  @Override
  protected Trigger create(TriggerContext context) {
    return new KafkaQueueTriggerFactory(topic.connection(), options()).create(context);
  }

  @Override
  protected Trigger createUnreachable(TriggerContext context) {
    KafkaConnection nowhere = new KafkaConnection("127.0.0.1:1", Map.of());
    return new KafkaQueueTriggerFactory(nowhere, options()).create(context);
  }

  @Override
  protected void produce() throws Exception {
    topic.send("event " + ++produced);
  }
}
