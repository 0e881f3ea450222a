package dev.millrace.triggers.redis;

import dev.millrace.abi.Message;
import dev.millrace.triggers.Trigger;
import dev.millrace.triggers.TriggerContext;
import dev.millrace.triggers.testing.DurableTriggerContract;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;

/** A trigger of a stream in shards passes the same contract, fed by our own publisher. */
class ShardedStreamTriggerIT extends DurableTriggerContract {

  private final String stream = Servers.unique("orders");
  private final RedisPublisher publisher =
      new RedisPublisher("cache", Servers.shared(), cause -> {});
  private int produced;

  @AfterEach
  void closePublisher() {
    publisher.close();
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
            connection, Streams.sharded(stream, 3, "replica-1"), Servers.FAST, Streams.FAST)
        .create(context);
  }

  @Override
  protected void produce() throws Exception {
    byte[] key = Servers.utf8("key-" + ++produced);
    publisher
        .publish(
            List.of(new Message("cache/sharded:" + stream + "/3", key, List.of(), new byte[1])))
        .toCompletableFuture()
        .get(60, TimeUnit.SECONDS);
  }
}
