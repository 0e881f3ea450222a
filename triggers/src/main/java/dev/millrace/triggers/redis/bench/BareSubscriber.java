package dev.millrace.triggers.redis.bench;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import redis.clients.jedis.BinaryJedisPubSub;
import redis.clients.jedis.BuilderFactory;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.CommandObject;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.RedisClient;

/**
 * A subscriber as one would write it with jedis: hashes each message on the thread that reads. It
 * keeps nothing, tries nothing again, and does not come back when the server was away.
 */
public final class BareSubscriber implements AutoCloseable {

  private final RedisClient client;
  private final AtomicLong received = new AtomicLong();
  private final Handler handler = new Handler();
  private final Thread thread;

  /** Written by the subscriber's thread alone; keeps the hash from being optimized away. */
  private volatile int hash;

  private final class Handler extends BinaryJedisPubSub {
    @Override
    public void onMessage(byte[] channel, byte[] message) {
      hash = Payload.hash(message);
      received.lazySet(received.get() + 1);
    }
  }

  private BareSubscriber(RedisClient client, byte[] channel) {
    this.client = client;
    this.thread =
        Thread.ofPlatform()
            .daemon()
            .name("bare-subscriber")
            .start(() -> client.subscribe(handler, channel));
  }

  /** Subscribes; returns when the server has confirmed it. */
  public static BareSubscriber start(URI redis, String channel) throws InterruptedException {
    BareSubscriber subscriber =
        new BareSubscriber(
            RedisClient.create(redis.toString()), channel.getBytes(StandardCharsets.UTF_8));
    awaitSubscriber(redis, channel);
    return subscriber;
  }

  /** Waits until a channel has a subscriber. Blocks. */
  public static void awaitSubscriber(URI redis, String channel) throws InterruptedException {
    try (RedisClient client = RedisClient.create(redis.toString())) {
      CommandArguments question = new CommandArguments(Command.PUBSUB).add("NUMSUB").add(channel);
      CommandObject<Object> command = new CommandObject<>(question, BuilderFactory.RAW_OBJECT);
      while (client.executeCommand(command) instanceof List<?> answer
          && !Long.valueOf(1).equals(answer.get(1))) {
        Thread.sleep(10);
      }
    }
  }

  /** How many messages it has hashed. Any thread. */
  public long received() {
    return received.get();
  }

  /** The hash of the latest message. Any thread. */
  public int hash() {
    return hash;
  }

  /** Unsubscribes and waits for the thread. */
  @Override
  public void close() {
    handler.unsubscribe();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    client.close();
  }
}
