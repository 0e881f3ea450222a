package dev.millrace.triggers.redis;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Connection;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.util.JedisClusterCRC16;

/**
 * Which master of a cluster has which slots, as one node told it.
 *
 * @param ranges without overlap, in any order
 */
record SlotMap(List<Range> ranges) {

  /** Slots from {@code first} to {@code last}, both included. */
  record Range(long first, long last, HostAndPort server) {}

  SlotMap {
    ranges = List.copyOf(ranges);
  }

  /** Asks a node. */
  static SlotMap ask(Connection node) {
    node.sendCommand(new CommandArguments(Command.CLUSTER).add("SLOTS"));
    List<Range> ranges = new ArrayList<>();
    for (Object row : Replies.list(node.getOne())) {
      List<?> parts = Replies.list(row);
      List<?> master = Replies.list(parts.get(2));
      // A node that does not know its own name leaves it empty: it is where the question went.
      String host = master.get(0) == null ? "" : Replies.text(master, 0);
      ranges.add(
          new Range(
              Replies.number(parts.get(0)),
              Replies.number(parts.get(1)),
              new HostAndPort(
                  host.isEmpty() ? node.getHostAndPort().getHost() : host,
                  Math.toIntExact(Replies.number(master.get(1))))));
    }
    return new SlotMap(ranges);
  }

  /**
   * The master of a key's slot.
   *
   * @throws JedisConnectionException if no server has the slot
   */
  HostAndPort server(String key) {
    int slot = JedisClusterCRC16.getSlot(key.getBytes(StandardCharsets.UTF_8));
    for (Range range : ranges) {
      if (slot >= range.first() && slot <= range.last()) {
        return range.server();
      }
    }
    throw new JedisConnectionException("no server of the cluster has slot " + slot);
  }
}
