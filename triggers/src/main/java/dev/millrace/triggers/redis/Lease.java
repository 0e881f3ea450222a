package dev.millrace.triggers.redis;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;

/**
 * A lease that one replica holds at a time, by the clock of Redis: a key that expires, with the
 * holder's token.
 *
 * <p>Where leases are to be spread over replicas, each candidate also signs a list of members, and
 * a rule that all of them can compute says whose turn it is: the members in the order of their
 * names, counted round by the lease's number. Only that one takes a free lease; a holder whose turn
 * it no longer is, is told so and gives it up when it is done.
 *
 * <p>Confined to one thread, except for {@link #isValid}.
 */
final class Lease {

  /** What a holder may do. */
  enum Hold {
    /** Somebody else has it, or shall have it. */
    NONE,
    /** It is ours, and was before. */
    HELD,
    /** It is ours from now on; somebody else may have had it since we last did. */
    TAKEN,
    /** It is ours, but another one's turn: to be given up soon. */
    YIELD
  }

  private static final String RENEW =
      """
      local preferred = true
      if ARGV[4] ~= '-1' then
        local time = redis.call('time')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)
        redis.call('zadd', KEYS[2], now + ARGV[3], ARGV[1])
        redis.call('zremrangebyscore', KEYS[2], '-inf', now)
        redis.call('pexpire', KEYS[2], 10 * ARGV[3])
        local members = redis.call('zrange', KEYS[2], 0, -1)
        table.sort(members)
        preferred = members[tonumber(ARGV[4]) % #members + 1] == ARGV[1]
      end
      local holder = redis.call('get', KEYS[1])
      if holder == ARGV[2] then
        redis.call('pexpire', KEYS[1], ARGV[3])
        return {preferred and 1 or 3, tonumber(ARGV[3])}
      end
      if not holder and preferred then
        redis.call('set', KEYS[1], ARGV[2], 'px', ARGV[3])
        return {2, tonumber(ARGV[3])}
      end
      return {0, redis.call('pttl', KEYS[1])}
      """;

  private static final String RELEASE =
      """
      redis.call('zrem', KEYS[2], ARGV[1])
      if redis.call('get', KEYS[1]) == ARGV[2] then return redis.call('del', KEYS[1]) end
      return 0
      """;

  private final String key;
  private final String members;
  private final String member;
  private final int number;
  private final Duration limit;
  private final String token = randomToken();
  private Hold hold = Hold.NONE;
  private long dueAt = System.nanoTime();
  private long holderRenewedAt = System.nanoTime();
  private volatile long validUntil;
  private volatile boolean held;

  /**
   * A lease that is not held yet.
   *
   * @param key what is leased, the same for all candidates
   * @param member this candidate's name, different from every other's
   * @param number which of several leases this is, from 0; -1 for one that whoever comes first
   *     keeps
   * @param limit how long it holds without being renewed; it is renewed three times as often
   */
  Lease(String key, String member, int number, Duration limit) {
    this.key = key;
    this.members = key + ":members";
    this.member = member;
    this.number = number;
    this.limit = limit;
  }

  private static String randomToken() {
    byte[] token = new byte[16];
    new SecureRandom().nextBytes(token);
    return HexFormat.of().formatHex(token);
  }

  /** Renews the lease or tries to take it, if it is time to; what holds afterwards. */
  Hold renew(CommandLink link) {
    long before = System.nanoTime();
    if (before - dueAt < 0) {
      if (hold == Hold.TAKEN) {
        hold = Hold.HELD;
      }
      return hold;
    }
    dueAt = before + limit.dividedBy(3).toNanos();
    var answer =
        Replies.list(
            link.call(
                new CommandArguments(Command.EVAL)
                    .add(RENEW)
                    .add(2)
                    .key(key)
                    .key(members)
                    .add(member)
                    .add(token)
                    .add(limit.toMillis())
                    .add(number)));
    hold =
        switch ((int) Replies.number(answer.get(0))) {
          case 1 -> Hold.HELD;
          case 2 -> Hold.TAKEN;
          case 3 -> Hold.YIELD;
          default -> Hold.NONE;
        };
    long leftMillis = Replies.number(answer.get(1));
    holderRenewedAt =
        before - limit.minusMillis(Math.clamp(leftMillis, 0, limit.toMillis())).toNanos();
    validUntil = before + limit.toNanos();
    held = hold != Hold.NONE;
    return hold;
  }

  /** Whether the lease is certainly ours at this moment. Any thread. */
  boolean isValid() {
    return held && System.nanoTime() - validUntil < 0;
  }

  /** When the holder of the last {@link #renew} had renewed it at the earliest; a nanoTime. */
  long holderRenewedAt() {
    return holderRenewedAt;
  }

  Duration limit() {
    return limit;
  }

  String key() {
    return key;
  }

  /** What the key holds while the lease is ours. */
  String token() {
    return token;
  }

  /** Gives it up, if it is ours, so that another one need not wait for its end. */
  void release(CommandLink link) {
    hold = Hold.NONE;
    held = false;
    link.call(
        new CommandArguments(Command.EVAL)
            .add(RELEASE)
            .add(2)
            .key(key)
            .key(members)
            .add(member)
            .add(token));
  }
}
