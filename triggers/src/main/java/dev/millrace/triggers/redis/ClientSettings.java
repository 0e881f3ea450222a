package dev.millrace.triggers.redis;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import redis.clients.jedis.ClientSetInfoConfig;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.SslOptions;
import redis.clients.jedis.SslVerifyMode;
import redis.clients.jedis.exceptions.JedisConnectionException;

/** Turns a {@link RedisConnection} into what jedis wants to know. */
final class ClientSettings {

  private static final char[] NO_PASSWORD = new char[0];

  private ClientSettings() {}

  /** The first address of the URL. */
  static HostAndPort address(RedisConnection connection) {
    return address(connection.servers().getFirst());
  }

  static HostAndPort address(InetSocketAddress server) {
    return new HostAndPort(server.getHostString(), server.getPort());
  }

  /**
   * RESP2, because every server speaks it and a subscribed link gets by with it. No command beyond
   * AUTH and SELECT is sent on connecting: a user may be allowed little else.
   *
   * @throws JedisConnectionException if the file of certificate authorities cannot be used
   */
  static JedisClientConfig config(RedisConnection connection, LinkTimings timings) {
    return common(connection, timings)
        .user(connection.user())
        .password(connection.password())
        .database(connection.database())
        .build();
  }

  /** For the sentinels, which have credentials of their own and no database. */
  static JedisClientConfig sentinelConfig(RedisConnection connection, LinkTimings timings) {
    return common(connection, timings)
        .user(connection.sentinelUser())
        .password(connection.sentinelPassword())
        .build();
  }

  private static DefaultJedisClientConfig.Builder common(
      RedisConnection connection, LinkTimings timings) {
    DefaultJedisClientConfig.Builder config =
        DefaultJedisClientConfig.builder()
            .resp2()
            .clientSetInfoConfig(ClientSetInfoConfig.DISABLED)
            .timeoutMillis(Math.toIntExact(timings.connect().toMillis()));
    if (connection.tls()) {
      SslOptions.Builder tls = SslOptions.builder().sslVerifyMode(SslVerifyMode.FULL);
      connection.authority().ifPresent(file -> trust(tls, file));
      config.sslOptions(tls.build());
    }
    return config;
  }

  /** jedis reads key stores, not PEM files. */
  private static void trust(SslOptions.Builder tls, Path authority) {
    try (InputStream in = Files.newInputStream(authority)) {
      KeyStore trusted = KeyStore.getInstance("PKCS12");
      trusted.load(null, null);
      int number = 0;
      for (Certificate certificate :
          CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        trusted.setCertificateEntry("authority-" + number++, certificate);
      }
      ByteArrayOutputStream store = new ByteArrayOutputStream();
      trusted.store(store, NO_PASSWORD);
      tls.trustStoreType("PKCS12")
          .truststore(() -> new ByteArrayInputStream(store.toByteArray()), NO_PASSWORD);
    } catch (IOException | GeneralSecurityException e) {
      throw new JedisConnectionException(
          "the certificate authorities in " + authority + " cannot be used: " + e, e);
    }
  }
}
