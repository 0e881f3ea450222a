package dev.millrace.triggers.redis;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Connection;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Finds the server that takes commands for a key at this moment. Asked before each connection, so
 * that a failover or a moved slot needs nothing but a new link.
 */
final class ServerFinder {

  private ServerFinder() {}

  /**
   * The server of a key. Asks a sentinel or a node of the cluster where there are such; blocks for
   * at most {@link LinkTimings#connect} for each address of the URL.
   *
   * @throws JedisException if nobody answers, or the answer is that there is no such server
   */
  static HostAndPort find(RedisConnection connection, LinkTimings timings, String key) {
    return switch (connection.topology()) {
      case SINGLE -> ClientSettings.address(connection);
      case SENTINEL ->
          askOneOf(
              connection,
              ClientSettings.sentinelConfig(connection, timings),
              sentinel -> master(sentinel, connection.master()));
      case CLUSTER -> slots(connection, timings).server(key);
    };
  }

  /** Which server of a cluster has which slots. Blocks as {@link #find} does. */
  static SlotMap slots(RedisConnection connection, LinkTimings timings) {
    return askOneOf(connection, ClientSettings.config(connection, timings), SlotMap::ask);
  }

  private static HostAndPort master(Connection sentinel, String name) {
    sentinel.sendCommand(
        new CommandArguments(Command.SENTINEL).add("GET-MASTER-ADDR-BY-NAME").add(name));
    Object answer = sentinel.getOne();
    if (answer == null) {
      throw new JedisConnectionException("the sentinel knows no master '" + name + "'");
    }
    List<?> parts = Replies.list(answer);
    return new HostAndPort(
        Replies.text(parts, 0), Math.toIntExact(Replies.parsed(Replies.text(parts, 1))));
  }

  /** The first answer that is one. */
  private static <T> T askOneOf(
      RedisConnection connection, JedisClientConfig config, Function<Connection, T> question) {
    List<String> reasons = new ArrayList<>();
    for (InetSocketAddress server : connection.servers()) {
      try (Connection link = new Connection(ClientSettings.address(server), config)) {
        return question.apply(link);
      } catch (JedisException e) {
        reasons.add(server.getHostString() + ":" + server.getPort() + ": " + e.getMessage());
      }
    }
    throw new JedisConnectionException(String.join("; ", reasons));
  }
}
