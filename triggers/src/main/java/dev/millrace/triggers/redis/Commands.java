package dev.millrace.triggers.redis;

import java.util.List;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisDataException;

/** What a server can do, by its own word: version numbers say nothing about forks and proxies. */
final class Commands {

  private Commands() {}

  /**
   * Checks that the server has a command. Where we may not ask, it is taken to have it.
   *
   * @param since in which version of Redis it came, for the person who reads the message
   * @throws JedisDataException if it has not
   */
  static void require(CommandLink link, String name, String since) {
    Object answer;
    try {
      answer = link.call(new CommandArguments(Command.COMMAND).add("INFO").add(name));
    } catch (JedisDataException e) {
      return;
    }
    List<?> rows = Replies.list(answer);
    if (rows.isEmpty() || rows.getFirst() == null) {
      throw new JedisDataException(
          "this server has no command " + name + ", which this trigger needs; use " + since);
    }
  }
}
