package dev.millrace.triggers.redis;

import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How to reach Redis: one server, the master that sentinels know, or a cluster.
 *
 * @param url {@code redis://[[user]:password@]host[:port][/db]}, {@code
 *     redis+sentinel://[[user]:password@]host[:port],…/master[/db]} with the sentinels' addresses,
 *     or {@code redis+cluster://[[user]:password@]host[:port],…} with some of the cluster's. {@code
 *     rediss} instead of {@code redis} for TLS; reserved characters of user and password are
 *     percent-encoded. Sentinels that want a password of their own get it from the query: {@code
 *     ?sentinel_user=…&sentinel_password=…}.
 * @param authority a PEM file of the certificate authorities that may sign the servers'
 *     certificates; empty for those the JVM trusts. Only with {@code rediss}.
 */
public record RedisConnection(URI url, Optional<Path> authority) {

  private static final Pattern SCHEME = Pattern.compile("rediss?(\\+sentinel|\\+cluster)?");
  private static final Pattern SERVER =
      Pattern.compile("(\\[[0-9A-Fa-f:.%]+\\]|[^\\s:,\\[\\]/@]+)(?::([0-9]{1,5}))?");
  private static final Pattern MASTER = Pattern.compile("/([^/]+)(?:/([0-9]{1,9}))?");
  private static final int PORT = 6379;
  private static final int SENTINEL_PORT = 26379;

  /** What stands at the addresses of the URL. */
  enum Topology {
    SINGLE,
    SENTINEL,
    CLUSTER
  }

  /**
   * Checks that the URL can name a server.
   *
   * @throws IllegalArgumentException if it cannot, with a sentence that does not repeat its
   *     password
   */
  public RedisConnection {
    String scheme = url.getScheme();
    if (scheme == null || !SCHEME.matcher(scheme).matches()) {
      throw new IllegalArgumentException(
          "a Redis URL begins with redis:// or rediss://, redis+sentinel:// or redis+cluster://, not"
              + " with '"
              + scheme
              + "'");
    }
    Topology topology = topology(url);
    if ((topology == Topology.SINGLE && url.getHost() == null) || servers(url).isEmpty()) {
      throw new IllegalArgumentException(
          "the Redis URL names no host; write "
              + scheme
              + "://host:port"
              + (topology == Topology.SINGLE ? "" : ",host:port")
              + ", and percent-encode reserved characters in user and password");
    }
    String path = path(url);
    if (topology == Topology.SENTINEL && !MASTER.matcher(path).matches()) {
      throw new IllegalArgumentException(
          "the path of a sentinel URL is the master's name, and a database number if you want:"
              + " /mymaster or /mymaster/1, not '"
              + path
              + "'");
    }
    if (topology == Topology.CLUSTER && !path.matches("/?|/0")) {
      throw new IllegalArgumentException(
          "a Redis Cluster has one database only; remove '" + path + "'");
    }
    if (topology == Topology.SINGLE && !path.matches("/?|/[0-9]{1,9}")) {
      throw new IllegalArgumentException(
          "the path of a Redis URL is a database number, not '" + path + "'");
    }
    String userInfo = rawUserInfo(url);
    if (userInfo != null && userInfo.indexOf(':') < 0) {
      throw new IllegalArgumentException(
          "the Redis URL has a user or a password, but not both; write user:password@, or :password@"
              + " for the default user");
    }
    if (authority.isPresent() && !scheme.startsWith("rediss")) {
      throw new IllegalArgumentException(
          "a certificate authority is of use only with a rediss:// URL");
    }
  }

  /** A server whose certificate, if it has one, the JVM trusts. */
  public RedisConnection(URI url) {
    this(url, Optional.empty());
  }

  /** The addresses in the URL, not resolved. They may be those of sentinels. */
  public List<InetSocketAddress> servers() {
    return servers(url);
  }

  Topology topology() {
    return topology(url);
  }

  private static Topology topology(URI url) {
    String scheme = url.getScheme();
    if (scheme.endsWith("+sentinel")) {
      return Topology.SENTINEL;
    }
    return scheme.endsWith("+cluster") ? Topology.CLUSTER : Topology.SINGLE;
  }

  /** Empty if one of the addresses is none. */
  private static List<InetSocketAddress> servers(URI url) {
    List<InetSocketAddress> servers = new ArrayList<>();
    String authority = url.getRawAuthority();
    if (authority == null) {
      return List.of();
    }
    int defaultPort = topology(url) == Topology.SENTINEL ? SENTINEL_PORT : PORT;
    for (String server : authority.substring(authority.lastIndexOf('@') + 1).split(",", -1)) {
      Matcher parts = SERVER.matcher(server);
      int port = -1;
      if (parts.matches()) {
        port = parts.group(2) == null ? defaultPort : Integer.parseInt(parts.group(2));
      }
      if (port < 0 || port > 65535) {
        return List.of();
      }
      servers.add(InetSocketAddress.createUnresolved(parts.group(1), port));
    }
    return servers;
  }

  /** Hosts and ports, the part of the URL that may be shown to anybody. */
  String address() {
    List<String> shown = new ArrayList<>();
    for (InetSocketAddress server : servers()) {
      shown.add(server.getHostString() + ":" + server.getPort());
    }
    String all = String.join(",", shown);
    return topology() == Topology.SINGLE
        ? all
        : topology().name().toLowerCase(Locale.ROOT) + " " + all;
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

  /** The user to log in as at the sentinels, {@code null} for the default one. */
  @Nullable String sentinelUser() {
    return query("sentinel_user");
  }

  /** The sentinels' password, {@code null} for none. */
  @Nullable String sentinelPassword() {
    return query("sentinel_password");
  }

  /** What the sentinels call the master. */
  String master() {
    Matcher path = MASTER.matcher(path(url));
    if (!path.matches()) {
      throw new IllegalStateException("only a sentinel URL names a master");
    }
    return path.group(1);
  }

  /** The number of the database. */
  int database() {
    String path = path(url);
    if (topology() == Topology.SENTINEL) {
      Matcher parts = MASTER.matcher(path);
      return parts.matches() && parts.group(2) != null ? Integer.parseInt(parts.group(2)) : 0;
    }
    return path.length() < 2 ? 0 : Integer.parseInt(path.substring(1));
  }

  boolean tls() {
    return url.getScheme().startsWith("rediss");
  }

  private static String path(URI url) {
    return url.getPath() == null ? "" : url.getPath();
  }

  /** Java takes user and password out of an authority only if that has a single host. */
  private static @Nullable String rawUserInfo(URI url) {
    String authority = url.getRawAuthority();
    int at = authority == null ? -1 : authority.lastIndexOf('@');
    return at < 0 || authority == null ? null : authority.substring(0, at);
  }

  /** Decoded only after the split, since either part may hold an encoded colon. */
  private @Nullable String userInfo(int part) {
    String raw = rawUserInfo(url);
    return raw == null ? null : decoded(raw.split(":", 2)[part]);
  }

  private @Nullable String query(String name) {
    String query = url.getRawQuery();
    for (String part : query == null ? new String[0] : query.split("&", -1)) {
      if (part.startsWith(name + "=")) {
        return decoded(part.substring(name.length() + 1));
      }
    }
    return null;
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  /** Without user and password. */
  @Override
  public String toString() {
    String address = address();
    return url.getScheme() + "://" + address.substring(address.indexOf(' ') + 1) + path(url);
  }
}
