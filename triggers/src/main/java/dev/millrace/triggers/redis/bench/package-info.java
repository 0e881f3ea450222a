/**
 * What the Redis triggers are compared with: loops over jedis that do the same work and keep no
 * promise, and the load that both are given.
 *
 * <p>Everything runs on the thread that called, but for the bare subscriber, which has a thread of
 * its own.
 */
@NullMarked
package dev.millrace.triggers.redis.bench;

import org.jspecify.annotations.NullMarked;
