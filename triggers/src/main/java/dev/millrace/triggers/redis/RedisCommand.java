package dev.millrace.triggers.redis;

import redis.clients.jedis.CommandArguments;

/**
 * A command that waits to be sent.
 *
 * @param arguments the command and its arguments; jedis' own object, not to be changed any more
 * @param key the key or channel it is about, by which a cluster finds the server
 * @param bytes what it counts for against the sender's bound
 */
record RedisCommand(CommandArguments arguments, String key, long bytes) {}
