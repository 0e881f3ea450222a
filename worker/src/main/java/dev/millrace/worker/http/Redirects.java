package dev.millrace.worker.http;

import java.util.Set;
import okhttp3.HttpUrl;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * The next request after a redirect, as browsers go on: 307 and 308 repeat it, the others become a
 * {@code GET} without a body, unless it was a {@code HEAD}.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9110#section-15.4">RFC 9110, section 15.4</a>
 */
final class Redirects {

  /** How many are followed. */
  static final int MOST = 5;

  private static final Set<Integer> REPEATS = Set.of(307, 308);
  private static final Set<Integer> BECOMES_GET = Set.of(301, 302, 303);

  private Redirects() {}

  /** Where a response sends the client; {@code null} if nowhere. */
  static @Nullable HttpUrl target(Response response) {
    String location = response.header("location");
    boolean redirects = REPEATS.contains(response.code()) || BECOMES_GET.contains(response.code());
    return redirects && location != null ? response.request().url().resolve(location) : null;
  }

  /** The request that goes there. What only the first origin is to know stays with it. */
  static Request next(Response response, HttpUrl target) {
    Request before = response.request();
    Request.Builder next = before.newBuilder().url(target);
    if (BECOMES_GET.contains(response.code()) && !before.method().equals("HEAD")) {
      next.method("GET", (RequestBody) null).removeHeader("content-type");
    }
    HttpUrl from = before.url();
    boolean sameOrigin =
        from.scheme().equals(target.scheme())
            && from.host().equals(target.host())
            && from.port() == target.port();
    if (!sameOrigin) {
      next.removeHeader("authorization").removeHeader("cookie");
    }
    return next.build();
  }
}
