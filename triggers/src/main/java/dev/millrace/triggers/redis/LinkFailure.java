package dev.millrace.triggers.redis;

import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.exceptions.JedisAccessControlException;
import redis.clients.jedis.exceptions.JedisDataException;

/**
 * Why a link to a server does not work, in words for a person. Never contains the credentials.
 *
 * @param reason one sentence without an end mark
 * @param refused whether the server answered and refused us; trying again soon will not help
 */
record LinkFailure(String reason, boolean refused) {

  static LinkFailure of(RedisConnection connection, Throwable failure) {
    String server = "Redis " + connection.address();
    if (failure instanceof JedisAccessControlException) {
      return new LinkFailure(
          server + " refuses the credentials or the command (" + failure.getMessage() + ")", true);
    }
    if (failure instanceof JedisDataException) {
      String answer = String.valueOf(failure.getMessage());
      // Servers before 6 say "ERR invalid password" or "ERR Client sent AUTH, but no password is
      // set"
      boolean refused = answer.contains("password") || answer.contains("AUTH");
      return new LinkFailure(server + " answers: " + answer, refused);
    }
    UnknownHostException unknown = cause(failure, UnknownHostException.class);
    if (unknown != null) {
      return new LinkFailure("no such host: " + unknown.getMessage(), false);
    }
    SSLException tls = cause(failure, SSLException.class);
    if (tls != null) {
      return new LinkFailure(server + ": TLS failed (" + tls.getMessage() + ")", false);
    }
    if (cause(failure, SocketTimeoutException.class) != null) {
      return new LinkFailure(server + " does not answer any more", false);
    }
    String detail = deepestMessage(failure);
    if (detail.contains("end of stream") || detail.contains("closed the connection")) {
      return new LinkFailure(
          server
              + " closed the connection; it was stopped, or it cut off a subscriber that read too"
              + " slowly (client-output-buffer-limit pubsub)",
          false);
    }
    return new LinkFailure(server + " cannot be reached (" + detail + ")", false);
  }

  private static String deepestMessage(Throwable failure) {
    Throwable deepest = failure;
    for (Throwable suppressed : failure.getSuppressed()) {
      deepest = suppressed;
    }
    while (deepest.getCause() != null) {
      deepest = deepest.getCause();
      if (deepest.getSuppressed().length > 0) {
        deepest = deepest.getSuppressed()[0];
      }
    }
    return deepest.getMessage() == null ? deepest.toString() : deepest.getMessage();
  }

  private static <T extends Throwable> @Nullable T cause(Throwable failure, Class<T> type) {
    for (Throwable at = failure; at != null; at = at.getCause()) {
      if (type.isInstance(at)) {
        return type.cast(at);
      }
    }
    return null;
  }
}
