package dev.millrace.worker.testing;

import dev.millrace.worker.manifest.Payload;
import dev.millrace.worker.manifest.TestSpec.MockedRequest;
import dev.millrace.worker.manifest.TestSpec.MockedResponse;
import dev.millrace.worker.wasm.host.HttpGateway;
import dev.millrace.worker.wasm.host.UnavailableException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Answers HTTP requests as the running test says and notes them; sends nothing. What the function
 * is not granted is denied here as in earnest. Confined to the thread of the function's tests.
 */
final class MockHttp implements HttpGateway {

  private final List<MockedRequest> answers = new ArrayList<>();
  private final List<Request> requests = new ArrayList<>();
  private final List<String> unanswered = new ArrayList<>();

  /** Forgets the test before. */
  void begin(List<MockedRequest> mocked) {
    answers.clear();
    answers.addAll(mocked);
    requests.clear();
    unanswered.clear();
  }

  /** What was asked since the test began, answered or not; nothing that was denied. */
  List<Request> requests() {
    return List.copyOf(requests);
  }

  /** The requests that no mock answers. */
  List<String> unanswered() {
    return List.copyOf(unanswered);
  }

  @Override
  public Answer send(Request request) throws UnavailableException {
    Optional<Answer> refusal = refusal(request);
    if (refusal.isPresent()) {
      return refusal.get();
    }
    requests.add(request);
    Optional<MockedRequest> mock = next(request);
    if (mock.isEmpty()) {
      unanswered.add(request.method() + " " + request.url());
      throw new UnavailableException("the test has no mock for this request");
    }
    MockedResponse response =
        mock.get()
            .answer()
            .orElseThrow(() -> new UnavailableException("the test says that nobody is there"));
    byte[] body = response.body().map(Payload::bytes).orElseGet(() -> new byte[0]);
    if (body.length > request.maxBodyBytes()) {
      return new TooLarge("the response has more than " + request.maxBodyBytes() + " bytes");
    }
    return new Response(response.status(), response.headers(), body);
  }

  private static Optional<Answer> refusal(Request request) {
    URI url;
    try {
      url = new URI(request.url());
    } catch (java.net.URISyntaxException e) {
      return Optional.of(new Invalid("'" + request.url() + "' is no URL"));
    }
    if (url.getScheme() == null || url.getHost() == null) {
      return Optional.of(new Invalid("'" + request.url() + "' is no URL with a host"));
    }
    String scheme = url.getScheme().toLowerCase(Locale.ROOT);
    int port = url.getPort() >= 0 ? url.getPort() : scheme.equals("https") ? 443 : 80;
    String host = url.getHost().toLowerCase(Locale.ROOT);
    return request.origins().stream().anyMatch(origin -> origin.covers(scheme, host, port))
        ? Optional.empty()
        : Optional.of(new Denied(request.url() + " is not granted by allow.http"));
  }

  /** The mock whose turn it is; one that has a later one for the request answers only once. */
  private Optional<MockedRequest> next(Request request) {
    List<MockedRequest> fitting = answers.stream().filter(mock -> fits(mock, request)).toList();
    if (fitting.size() > 1) {
      answers.remove(fitting.getFirst());
    }
    return fitting.stream().findFirst();
  }

  private static boolean fits(MockedRequest mock, Request request) {
    String url = mock.url();
    return mock.method().equals(request.method())
        && (url.endsWith("*")
            ? request.url().startsWith(url.substring(0, url.length() - 1))
            : url.equals(request.url()));
  }
}
