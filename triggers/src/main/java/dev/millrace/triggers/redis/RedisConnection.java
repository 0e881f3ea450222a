package dev.millrace.triggers.redis;

import java.net.URI;

/**
 * How to reach a Redis server.
 *
 * @param url {@code redis://[user:password@]host:port[/db]}, or {@code rediss://} for TLS
 */
public record RedisConnection(URI url) {}
