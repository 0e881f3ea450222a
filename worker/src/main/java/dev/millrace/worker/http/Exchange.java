package dev.millrace.worker.http;

import dev.millrace.abi.Header;
import dev.millrace.worker.http.GuardedSockets.RefusedAddressException;
import dev.millrace.worker.wasm.host.HttpGateway;
import dev.millrace.worker.wasm.host.UnavailableException;
import dev.millrace.worker.wasm.spec.HttpOrigin;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import okhttp3.Call;
import okhttp3.Headers;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSource;
import org.jspecify.annotations.Nullable;

/**
 * One request of a guest's with its redirects. Each of them is checked against the origins, and
 * goes over the client that suits the origin that covers it. One thread runs it; any other may
 * {@linkplain #giveUp give it up}.
 */
final class Exchange {

  /** Most that all headers of a response may have, in bytes. */
  private static final int HEADERS_LIMIT_BYTES = 64 << 10;

  private static final Set<String> WITH_BODY = Set.of("POST", "PUT", "PATCH");
  private static final byte[] NOTHING = new byte[0];

  private final HttpGateway.Request asked;
  private final HttpUrl url;
  private final Clients clients;
  private final long deadline;
  private final AtomicReference<Call> running = new AtomicReference<>();
  private volatile boolean givenUp;

  /**
   * @param url the request's, parsed
   */
  Exchange(HttpGateway.Request asked, HttpUrl url, Clients clients) {
    this.asked = asked;
    this.url = url;
    this.clients = clients;
    this.deadline =
        System.nanoTime() + asked.timeout().map(Duration::toNanos).orElse(Long.MAX_VALUE / 2);
  }

  /** How messages name where a URL leads. */
  static String place(HttpUrl url) {
    return url.scheme() + "://" + url.host() + ":" + url.port();
  }

  /** Ends it, whatever it does; nobody waits for it any more. */
  void giveUp() {
    givenUp = true;
    Call call = running.get();
    if (call != null) {
      call.cancel();
    }
  }

  /** Sends it and reads the answer. Blocks. */
  HttpGateway.Answer run() throws UnavailableException {
    Request next = first();
    for (int redirects = 0; ; redirects++) {
      String place = place(next.url());
      Optional<HttpOrigin> origin = origin(next.url());
      if (origin.isEmpty()) {
        return new HttpGateway.Denied(
            place + " is not granted; list it in the manifest under allow.http");
      }
      try (Response response = call(next, origin.get())) {
        HttpUrl target = Redirects.target(response);
        if (target == null) {
          return read(response);
        }
        if (redirects == Redirects.MOST) {
          throw new UnavailableException(
              place(url) + " redirects more than " + Redirects.MOST + " times");
        }
        next = Redirects.next(response, target);
      } catch (RefusedAddressException e) {
        return new HttpGateway.Denied(place + " " + e.getMessage());
      } catch (IOException e) {
        String reason = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        throw new UnavailableException(place + " did not answer: " + reason, e);
      }
    }
  }

  private Request first() {
    Headers.Builder headers = new Headers.Builder();
    for (Header header : asked.headers()) {
      byte[] value = header.value();
      headers.add(
          header.name(), new String(value == null ? NOTHING : value, StandardCharsets.US_ASCII));
    }
    if (headers.get("accept-encoding") == null) {
      headers.set("accept-encoding", "identity"); // or OkHttp would ask for gzip and unpack it
    }
    if (headers.get("user-agent") == null) {
      headers.set("user-agent", "millrace");
    }
    return new Request.Builder()
        .url(url)
        .headers(headers.build())
        .method(asked.method(), body())
        .build();
  }

  private @Nullable RequestBody body() {
    byte[] body = asked.body();
    if (body != null) {
      return RequestBody.create(body);
    }
    return WITH_BODY.contains(asked.method()) ? RequestBody.create(NOTHING) : null;
  }

  /** The origin that covers a URL; one that may be private before one that may not. */
  private Optional<HttpOrigin> origin(HttpUrl to) {
    List<HttpOrigin> covering =
        asked.origins().stream()
            .filter(each -> each.covers(to.scheme(), to.host(), to.port()))
            .toList();
    return covering.stream()
        .filter(HttpOrigin::mayBePrivate)
        .findFirst()
        .or(() -> covering.stream().findFirst());
  }

  private Response call(Request request, HttpOrigin origin) throws IOException {
    OkHttpClient client = origin.mayBePrivate() ? clients.open() : clients.guarded();
    Call call = client.newCall(request);
    call.timeout().timeout(Math.max(1, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
    running.set(call);
    if (givenUp) {
      call.cancel();
    }
    return call.execute();
  }

  private HttpGateway.Answer read(Response response) throws IOException {
    String place = place(response.request().url());
    Headers received = response.headers();
    List<Header> headers = new ArrayList<>(received.size());
    long size = 0;
    for (int i = 0; i < received.size(); i++) {
      byte[] value = received.value(i).getBytes(StandardCharsets.UTF_8);
      size += received.name(i).length() + value.length;
      headers.add(new Header(received.name(i).toLowerCase(Locale.ROOT), value));
    }
    if (size > HEADERS_LIMIT_BYTES) {
      return new HttpGateway.TooLarge(
          place + " answered with headers of more than " + HEADERS_LIMIT_BYTES + " bytes");
    }
    BufferedSource body = response.body().source();
    if (body.request(asked.maxBodyBytes() + 1L)) {
      return new HttpGateway.TooLarge(
          place
              + " answered with more than limits.http_body "
              + asked.maxBodyBytes()
              + " bytes; raise the limit or ask for less");
    }
    return new HttpGateway.Response(response.code(), headers, body.readByteArray());
  }
}
