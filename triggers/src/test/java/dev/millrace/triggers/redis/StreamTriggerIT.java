package dev.millrace.triggers.redis;

import dev.millrace.triggers.Trigger;
import dev.millrace.triggers.TriggerContext;
import dev.millrace.triggers.testing.DurableTriggerContract;
import org.junit.jupiter.api.AfterEach;
import redis.clients.jedis.RedisClient;

/** A stream trigger passes the contract of triggers whose source keeps events. */
class StreamTriggerIT extends DurableTriggerContract {

  private final String stream = Servers.unique("orders");
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
    return new StreamTriggerFactory(
            connection,
            Streams.options(stream, "replica-1", Streams.NEVER),
            Servers.FAST,
            Streams.FAST)
        .create(context);
  }

  @Override
  protected void produce() {
    Streams.add(client, stream, "message");
  }
}
