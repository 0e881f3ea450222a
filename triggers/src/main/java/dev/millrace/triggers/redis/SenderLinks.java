package dev.millrace.triggers.redis;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Connection;
import redis.clients.jedis.exceptions.JedisException;

/**
 * The links of a sender: one to a single server or master, in a cluster one to each server that has
 * keys of ours. Confined to the sender's thread, but {@link #cut} may be called by any.
 */
final class SenderLinks {

  /** A link that rested for longer is tried before it is used again. */
  static final Duration IDLE = Duration.ofSeconds(1);

  private static final String ONLY = "";

  private final RedisConnection connection;
  private final LinkTimings timings;
  private final Consumer<Connection> onConnect;
  private final Map<String, CommandLink> routes = new ConcurrentHashMap<>();
  private @Nullable SlotMap slots;

  SenderLinks(RedisConnection connection, LinkTimings timings, Consumer<Connection> onConnect) {
    this.connection = connection;
    this.timings = timings;
    this.onConnect = onConnect;
  }

  /**
   * The link for a key, which has just proved to work. Blocks while it connects.
   *
   * @throws JedisException if there is none
   */
  CommandLink ready(String key) {
    String name = route(key);
    CommandLink link = routes.get(name);
    if (link != null && link.restedFor(IDLE)) {
      try {
        link.ping();
        link.used();
      } catch (JedisException e) {
        link.cut();
        routes.remove(name);
        slots = null;
        link = null;
        name = route(key);
      }
    }
    if (link == null) {
      link = CommandLink.open(connection, timings, key);
      routes.put(name, link);
      onConnect.accept(link);
    }
    return link;
  }

  private String route(String key) {
    if (connection.topology() != RedisConnection.Topology.CLUSTER) {
      return ONLY;
    }
    SlotMap known = slots;
    if (known == null) {
      known = ServerFinder.slots(connection, timings);
      slots = known;
    }
    return known.server(key).toString();
  }

  /** Something has moved or broken: the next {@link #ready} looks for the servers anew. */
  void forget() {
    cut();
    routes.clear();
    slots = null;
  }

  /** Closes the sockets at once; whoever waits for an answer gets an exception. Any thread. */
  void cut() {
    routes.values().forEach(CommandLink::cut);
  }
}
