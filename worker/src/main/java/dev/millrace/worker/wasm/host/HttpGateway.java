package dev.millrace.worker.wasm.host;

import dev.millrace.abi.Header;
import dev.millrace.worker.wasm.spec.HttpOrigin;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Sends the HTTP requests of guests.
 *
 * <p>An implementation connects only to what the request's origins allow, redirects included, and
 * to no address of a private network unless the origin says so. It answers within the request's
 * time and never holds more of a response than its bound. Safe for any thread.
 */
public interface HttpGateway {

  /** Sends nothing: for runs that must not reach the world. */
  HttpGateway NONE =
      request -> {
        throw new UnavailableException("this run reaches nothing outside");
      };

  /**
   * Sends a request and waits for the whole response. Blocks; ends with an {@link
   * InterruptedException} soon after its thread is interrupted, and gives the request up then.
   *
   * @throws UnavailableException if there was no answer in time
   */
  Answer send(Request request) throws UnavailableException, InterruptedException;

  /**
   * A request.
   *
   * @param method in upper case
   * @param url as the guest has it
   * @param headers what the guest sends, none of those that the host sets itself
   * @param body {@code null} for none
   * @param timeout for everything, redirects included; empty for as long as the invocation has
   * @param origins what may be reached
   * @param maxBodyBytes the most that a response's body may have, after it was decoded
   */
  record Request(
      String method,
      String url,
      List<Header> headers,
      byte @Nullable [] body,
      Optional<Duration> timeout,
      Set<HttpOrigin> origins,
      int maxBodyBytes) {

    public Request {
      headers = List.copyOf(headers);
      origins = Set.copyOf(origins);
    }
  }

  /** What came of a request. */
  sealed interface Answer {}

  /**
   * A response.
   *
   * @param status 100 to 599
   * @param headers in their order, names in lower case
   * @param body not copied
   */
  record Response(int status, List<Header> headers, byte[] body) implements Answer {

    public Response {
      headers = List.copyOf(headers);
    }
  }

  /** The request, or a redirect of it, leads where it may not. */
  record Denied(String reason) implements Answer {}

  /** The response exceeds a bound. */
  record TooLarge(String reason) implements Answer {}

  /** The request is none that can be sent. */
  record Invalid(String reason) implements Answer {}
}
