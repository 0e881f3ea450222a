package dev.millrace.triggers.redis.bench;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.StreamEntryID;
import redis.clients.jedis.params.XReadGroupParams;
import redis.clients.jedis.resps.StreamEntryBinary;

/**
 * A consumer of a group as one would write it with jedis: reads up to 500 entries, hashes each, and
 * acknowledges them in one command. It tries nothing again and gives no sign of life.
 */
public final class BareStream implements AutoCloseable {

  private static final byte[] CONSUMER = "bare".getBytes(StandardCharsets.UTF_8);
  private static final int BATCH = 500;

  private final RedisClient client;
  private final byte[] stream;
  private final byte[] group;
  private int hash;

  /** Connects to a server without a password. */
  public BareStream(URI redis, String stream, String group) {
    this.client = RedisClient.create(redis.toString());
    this.stream = stream.getBytes(StandardCharsets.UTF_8);
    this.group = group.getBytes(StandardCharsets.UTF_8);
  }

  /** Reads and acknowledges so many entries; answers the last one's hash. */
  public int run(int count) {
    for (int done = 0; done < count; ) {
      List<StreamEntryBinary> entries = read();
      byte[][] ids = new byte[entries.size()][];
      for (int i = 0; i < ids.length; i++) {
        StreamEntryBinary entry = entries.get(i);
        hash = Payload.hash(data(entry.getFields()));
        ids[i] = entry.getID().toString().getBytes(StandardCharsets.US_ASCII);
      }
      client.xack(stream, group, ids);
      done += ids.length;
    }
    return hash;
  }

  private List<StreamEntryBinary> read() {
    List<Map.Entry<byte[], List<StreamEntryBinary>>> answer =
        client.xreadGroupBinary(
            group,
            CONSUMER,
            XReadGroupParams.xReadGroupParams().count(BATCH),
            Map.of(stream, StreamEntryID.XREADGROUP_UNDELIVERED_ENTRY));
    return answer == null ? List.of() : answer.getFirst().getValue();
  }

  /** An entry has one field: {@code data}. */
  private static byte[] data(Map<byte[], byte[]> fields) {
    return fields.values().iterator().next();
  }

  @Override
  public void close() {
    client.close();
  }
}
