package dev.millrace.triggers.redis.bench;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import redis.clients.jedis.AbstractPipeline;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.StreamEntryID;
import redis.clients.jedis.params.XAddParams;
import redis.clients.jedis.params.XTrimParams;

/** Entries for one stream and its group, which get them all at one moment. For one thread. */
public final class StreamLoad implements AutoCloseable {

  private static final int AT_ONCE = 1000;

  private final RedisClient client;
  private final String stream;
  private final String group;

  /** Connects to a server without a password. */
  public StreamLoad(URI redis, String stream, String group) {
    this.client = RedisClient.create(redis.toString());
    this.stream = stream;
    this.group = group;
  }

  /** Writes so many entries beside the stream, which is emptied. */
  public void prepare(int count) {
    byte[] beside = beside().getBytes(StandardCharsets.UTF_8);
    Map<byte[], byte[]> fields = Map.of("data".getBytes(StandardCharsets.UTF_8), Payload.make());
    client.xtrim(stream, XTrimParams.xTrimParams().maxLen(0).exactTrimming());
    client.del(beside());
    for (int added = 0; added < count; ) {
      try (AbstractPipeline pipeline = client.pipelined()) {
        for (int i = 0; i < AT_ONCE && added < count; i++) {
          pipeline.xadd(beside, XAddParams.xAddParams(), fields);
          added++;
        }
      }
    }
    client.xgroupCreate(beside(), group, new StreamEntryID(0, 0), true);
  }

  private String beside() {
    return stream + ":next";
  }

  /** Puts the prepared entries in the stream's place: whoever reads it has them all before him. */
  public void release() {
    client.rename(beside(), stream);
  }

  /** Waits until so many entries are acknowledged, given that they were all delivered. Blocks. */
  public void awaitAcknowledged() throws InterruptedException {
    while (client.xpending(stream, group).getTotal() > 0) {
      Thread.sleep(1);
    }
  }

  @Override
  public void close() {
    client.close();
  }
}
