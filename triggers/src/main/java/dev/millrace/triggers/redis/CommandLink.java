package dev.millrace.triggers.redis;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Connection;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/**
 * One connection to the server that has a key. One thread sends commands; {@link #cut} may be
 * called by any other.
 */
final class CommandLink extends Connection {

  private volatile boolean cut;

  /** Confined to the thread that sends. */
  private long usedAt = System.nanoTime();

  private CommandLink(HostAndPort server, JedisClientConfig config) {
    super(server, config);
  }

  /**
   * Finds the server, connects and logs in. Blocks for at most a few times {@link
   * LinkTimings#connect}.
   *
   * @throws JedisException if the server cannot be reached, refuses, or is no master although a
   *     sentinel said so
   */
  static CommandLink open(RedisConnection connection, LinkTimings timings, String key) {
    CommandLink link = open(connection, timings, ServerFinder.find(connection, timings, key));
    try {
      if (connection.topology() == RedisConnection.Topology.SENTINEL) {
        link.checkMaster();
      }
      return link;
    } catch (RuntimeException e) {
      link.cut();
      throw e;
    }
  }

  /** Connects to one server and logs in. */
  static CommandLink open(RedisConnection connection, LinkTimings timings, HostAndPort server) {
    return new CommandLink(server, ClientSettings.config(connection, timings));
  }

  /** During a failover a sentinel may still name the old master. */
  private void checkMaster() {
    String role = Replies.text(Replies.list(call(new CommandArguments(Command.ROLE))), 0);
    if (!role.equals("master")) {
      throw new JedisConnectionException(
          getHostAndPort() + " is a " + role + ", not the master; a failover is going on");
    }
  }

  /**
   * Sends one command and waits for its answer.
   *
   * @throws JedisDataException if the server refuses the command
   */
  @Nullable Object call(CommandArguments command) {
    sendCommand(command);
    return getOne();
  }

  /** Sends many commands at once; a refusal is an exception among the answers. */
  List<Object> callAll(List<CommandArguments> commands) {
    commands.forEach(this::sendCommand);
    return getMany(commands.size());
  }

  /** Notes that an answer has just come. */
  void used() {
    usedAt = System.nanoTime();
  }

  /** Whether the last answer that was noted is so long ago. */
  boolean restedFor(Duration limit) {
    return System.nanoTime() - usedAt >= limit.toNanos();
  }

  /** Never again after {@link #cut}: jedis would silently open a socket that is not logged in. */
  @Override
  public void connect() {
    super.connect();
    if (cut) {
      cut();
      throw new JedisConnectionException("the link is cut");
    }
  }

  /** Closes the socket at once; a waiting {@link #call} throws. */
  void cut() {
    cut = true;
    try {
      forceDisconnect();
    } catch (IOException e) {
      throw new JedisConnectionException("the socket could not be closed", e);
    }
  }

  @Override
  public void close() {
    cut();
  }
}
