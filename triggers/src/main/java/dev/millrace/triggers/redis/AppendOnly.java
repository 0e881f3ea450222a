package dev.millrace.triggers.redis;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Connection;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisDataException;

/** Whether a server keeps an append-only file, without which a crash loses what it promised. */
final class AppendOnly {

  private static final Logger LOG = LoggerFactory.getLogger(AppendOnly.class);

  private AppendOnly() {}

  /** Asks the server; false also where we may not ask. */
  static boolean isMissing(Connection link) {
    try {
      link.sendCommand(new CommandArguments(Command.INFO).add("persistence"));
      return link.getBulkReply().contains("aof_enabled:0");
    } catch (JedisDataException e) {
      LOG.atDebug()
          .addKeyValue("reason", e.getMessage())
          .log("may not ask Redis whether it keeps an append-only file");
      return false;
    }
  }
}
