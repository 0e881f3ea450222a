package dev.millrace.triggers.redis;

import dev.millrace.triggers.Trigger;
import dev.millrace.triggers.TriggerContext;
import dev.millrace.triggers.testing.MemoryJournal;
import dev.millrace.triggers.testing.RemoteTriggerContract;
import org.junit.jupiter.api.AfterEach;
import redis.clients.jedis.RedisClient;

/** A trigger without a journal passes the contract of triggers. */
class PubSubTriggerIT extends RemoteTriggerContract {

  private final String channel = Servers.unique("orders");
  private final RedisClient client = Servers.client(Servers.shared());

  @AfterEach
  void closeClient() {
    client.close();
  }

  @Override
  protected Trigger create(TriggerContext context) {
    return create(context, Servers.shared());
  }

  @Override
  protected Trigger createUnreachable(TriggerContext context) {
    return create(context, Servers.at(1));
  }

  private Trigger create(TriggerContext context, RedisConnection connection) {
    return new PubSubTriggerFactory(
            connection, Servers.volatileChannel(channel), new MemoryJournal(), Servers.FAST)
        .create(context);
  }

  @Override
  protected void produce() {
    client.publish(channel, "message");
  }
}
