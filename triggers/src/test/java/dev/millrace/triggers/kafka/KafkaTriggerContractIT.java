package dev.millrace.triggers.kafka;

import dev.millrace.triggers.Trigger;
import dev.millrace.triggers.TriggerContext;
import dev.millrace.triggers.testing.DurableTriggerContract;
import dev.millrace.triggers.testing.KafkaBroker;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

class KafkaTriggerContractIT extends DurableTriggerContract {

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

  @Override
  protected Trigger create(TriggerContext context) {
    return new KafkaTriggerFactory("events", topic.connection(), topic.options()).create(context);
  }

  @Override
  protected Trigger createUnreachable(TriggerContext context) {
    KafkaConnection nowhere = new KafkaConnection("127.0.0.1:1", java.util.Map.of());
    return new KafkaTriggerFactory("events", nowhere, topic.options()).create(context);
  }

  @Override
  protected void produce() throws Exception {
    topic.send("event " + ++produced);
  }
}
