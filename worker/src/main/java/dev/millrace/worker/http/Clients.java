package dev.millrace.worker.http;

import java.net.Proxy;
import java.time.Duration;
import java.util.List;
import okhttp3.ConnectionPool;
import okhttp3.CookieJar;
import okhttp3.Dns;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;

/**
 * The two clients, with connections of their own.
 *
 * @param guarded its sockets refuse every address that is not on the internet
 * @param open connects to any address
 */
record Clients(OkHttpClient guarded, OkHttpClient open) {

  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(10);

  static Clients of(Dns names) {
    OkHttpClient open =
        new OkHttpClient.Builder()
            .protocols(List.of(Protocol.HTTP_2, Protocol.HTTP_1_1))
            .dns(names)
            .proxy(Proxy.NO_PROXY)
            .cookieJar(CookieJar.NO_COOKIES)
            .followRedirects(false)
            .followSslRedirects(false)
            .retryOnConnectionFailure(false)
            .connectTimeout(CONNECT_LIMIT)
            .readTimeout(Duration.ZERO)
            .writeTimeout(Duration.ZERO)
            .build();
    OkHttpClient guarded =
        open.newBuilder()
            .connectionPool(new ConnectionPool())
            .socketFactory(new GuardedSockets())
            .build();
    return new Clients(guarded, open);
  }

  /** Closes the connections that nobody uses. */
  void close() {
    guarded.connectionPool().evictAll();
    open.connectionPool().evictAll();
  }
}
