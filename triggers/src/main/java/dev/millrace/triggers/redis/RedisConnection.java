package dev.millrace.triggers.redis;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How to reach a Redis server.
 *
 * @param url {@code redis://[[user]:password@]host[:port][/db]}, or {@code rediss://} for TLS;
 *     reserved characters of user and password are percent-encoded
 * @param authority a PEM file of the certificate authorities that may sign the server's
 *     certificate; empty for those the JVM trusts. Only with {@code rediss://}.
 */
public record RedisConnection(URI url, Optional<Path> authority) {

  /**
   * Checks that the URL can name a server.
   *
   * @throws IllegalArgumentException if it cannot, with a sentence that does not repeat its
   *     password
   */
  public RedisConnection {
    String scheme = url.getScheme();
    if (!"redis".equals(scheme) && !"rediss".equals(scheme)) {
      throw new IllegalArgumentException(
          "a Redis URL begins with redis:// or rediss://, not with '" + scheme + "'");
    }
    if (url.getHost() == null) {
      throw new IllegalArgumentException(
          "the Redis URL names no host; write "
              + scheme
              + "://host:port, and percent-encode reserved characters in user and password");
    }
    String path = url.getPath() == null ? "" : url.getPath();
    if (!path.matches("/?|/[0-9]{1,9}")) {
      throw new IllegalArgumentException(
          "the path of a Redis URL is a database number, not '" + path + "'");
    }
    String userInfo = url.getRawUserInfo();
    if (userInfo != null && userInfo.indexOf(':') < 0) {
      throw new IllegalArgumentException(
          "the Redis URL has a user or a password, but not both; write user:password@, or :password@"
              + " for the default user");
    }
    if (authority.isPresent() && !"rediss".equals(scheme)) {
      throw new IllegalArgumentException(
          "a certificate authority is of use only with a rediss:// URL");
    }
  }

  /** A server whose certificate, if it has one, the JVM trusts. */
  public RedisConnection(URI url) {
    this(url, Optional.empty());
  }

  /** Host and port, the part of the URL that may be shown to anybody. */
  String address() {
    return url.getHost() + ":" + port();
  }

  int port() {
    return url.getPort() < 0 ? 6379 : url.getPort();
  }

  /** The user to log in as, {@code null} for the default one. */
  @Nullable String user() {
    String user = userInfo(0);
    return user == null || user.isEmpty() ? null : user;
  }

  /** The password, {@code null} for none. */
  @Nullable String password() {
    return userInfo(1);
  }

  /** The number of the database. */
  int database() {
    String path = url.getPath() == null ? "" : url.getPath();
    return path.length() < 2 ? 0 : Integer.parseInt(path.substring(1));
  }

  boolean tls() {
    return url.getScheme().equals("rediss");
  }

  /** Decoded only after the split, since either part may hold an encoded colon. */
  private @Nullable String userInfo(int part) {
    String raw = url.getRawUserInfo();
    return raw == null
        ? null
        : URLDecoder.decode(raw.split(":", 2)[part].replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  /** Without user and password. */
  @Override
  public String toString() {
    return url.getScheme() + "://" + address() + (url.getPath() == null ? "" : url.getPath());
  }
}
