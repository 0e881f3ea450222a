package dev.millrace.worker.store;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where a PostgreSQL store is, and how to get in.
 *
 * @param servers {@code host[:port]}, or several of them with commas between
 * @param database the database's name
 * @param user who connects; empty for the driver's default, the user of this process
 * @param password empty if the server asks for none, or the driver finds one in {@code .pgpass}
 * @param schema the schema that has the tables; made if it is not there
 * @param properties of the JDBC driver, such as {@code sslmode}
 */
public record PostgresAddress(
    String servers,
    String database,
    Optional<String> user,
    Optional<String> password,
    String schema,
    Map<String, String> properties) {

  /** The schema unless another one is named. */
  public static final String DEFAULT_SCHEMA = "millrace";

  private static final Pattern URL =
      Pattern.compile(
          "postgres(?:ql)?://(?:(?<user>[^:@/?]*)(?::(?<password>[^@/?]*))?@)?"
              + "(?<servers>(?:\\[[0-9A-Fa-f:.]+\\]|[^\\[\\]@:/?,]+)(?::[0-9]{1,5})?"
              + "(?:,(?:\\[[0-9A-Fa-f:.]+\\]|[^\\[\\]@:/?,]+)(?::[0-9]{1,5})?)*)"
              + "/(?<database>[^/?]+)(?:\\?(?<parameters>.*))?");

  private static final Pattern SCHEMA = Pattern.compile("[a-z_][a-z0-9_]{0,62}");

  /** What the store sets itself, because its promises hang on it. */
  private static final Set<String> RESERVED =
      Set.of("currentSchema", "user", "password", "reWriteBatchedInserts", "readOnly", "autosave");

  public PostgresAddress {
    properties = Map.copyOf(properties);
    for (String name : properties.keySet()) {
      if (RESERVED.contains(name)) {
        throw new IllegalArgumentException(
            "has '%s', which the store sets itself; remove it".formatted(name));
      }
    }
    if (!SCHEMA.matcher(schema).matches() || schema.startsWith("pg_")) {
      throw new IllegalArgumentException(
          "is '%s', which is no name for a schema; use lower-case letters, digits and _"
              .formatted(schema));
    }
  }

  /** Whether a text looks like the address of a PostgreSQL rather than a file. */
  public static boolean isAddress(String text) {
    return text.startsWith("postgresql://") || text.startsWith("postgres://");
  }

  /**
   * Reads a URL as PostgreSQL's own tools take it: {@code
   * postgresql://[user[:password]@]host[:port][,…]/database[?name=value&…]}.
   *
   * @throws IllegalArgumentException with the form that is expected, and without the URL, which may
   *     hold a password
   */
  public static PostgresAddress parse(String url) {
    Matcher parts = URL.matcher(url);
    if (!parts.matches()) {
      throw new IllegalArgumentException(
          "is no address of a PostgreSQL database; write postgresql://user@host:5432/database,"
              + " with reserved characters percent-encoded");
    }
    Map<String, String> properties = new LinkedHashMap<>();
    for (String parameter : orEmpty(parts.group("parameters")).split("&", -1)) {
      int equals = parameter.indexOf('=');
      if (equals > 0) {
        properties.put(
            decode(parameter.substring(0, equals)), decode(parameter.substring(equals + 1)));
      }
    }
    return new PostgresAddress(
        parts.group("servers"),
        decode(parts.group("database")),
        Optional.ofNullable(parts.group("user")).map(PostgresAddress::decode),
        Optional.ofNullable(parts.group("password")).map(PostgresAddress::decode),
        DEFAULT_SCHEMA,
        properties);
  }

  /** The same with another password. */
  public PostgresAddress withPassword(String other) {
    return new PostgresAddress(servers, database, user, Optional.of(other), schema, properties);
  }

  /** The same with its tables in another schema. */
  public PostgresAddress withSchema(String other) {
    return new PostgresAddress(servers, database, user, password, other, properties);
  }

  /** The same with more properties of the driver; they win over those that are there. */
  public PostgresAddress withProperties(Map<String, String> more) {
    Map<String, String> all = new LinkedHashMap<>(properties);
    all.putAll(more);
    return new PostgresAddress(servers, database, user, password, schema, all);
  }

  String jdbcUrl() {
    return "jdbc:postgresql://" + servers + "/" + encode(database);
  }

  /**
   * Everything but the URL, in the driver's terms. A server that is silent for 30 s counts as gone.
   */
  Properties driverProperties() {
    Properties all = new Properties();
    all.setProperty("ApplicationName", "millrace");
    all.setProperty("tcpKeepAlive", "true");
    all.setProperty("connectTimeout", "5");
    all.setProperty("socketTimeout", "30");
    all.setProperty("logServerErrorDetail", "false");
    all.putAll(properties);
    user.ifPresent(name -> all.setProperty("user", name));
    password.ifPresent(secret -> all.setProperty("password", secret));
    all.setProperty("currentSchema", schema);
    return all;
  }

  /** What people call it: no password, no properties. */
  @Override
  public String toString() {
    return "postgresql://"
        + user.map(name -> name + "@").orElse("")
        + servers
        + "/"
        + database
        + (schema.equals(DEFAULT_SCHEMA) ? "" : " (schema " + schema + ")");
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }

  private static String decode(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
