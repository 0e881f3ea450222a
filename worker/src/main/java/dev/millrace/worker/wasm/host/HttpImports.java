package dev.millrace.worker.wasm.host;

import static dev.millrace.abi.GuestAbi.DENIED;
import static dev.millrace.abi.GuestAbi.INVALID;
import static dev.millrace.abi.GuestAbi.MODULE;
import static dev.millrace.abi.GuestAbi.TOO_LARGE;

import dev.millrace.abi.Header;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** HTTP requests of the import module {@code millrace}. */
public final class HttpImports {

  /** Longest URL, and most that all headers of a request may have, in bytes. */
  public static final int URL_LIMIT_BYTES = 8 << 10;

  /** The most that a request's headers may have together. */
  public static final int HEADERS_LIMIT_BYTES = 64 << 10;

  /** Longer timeouts are cut to this, a day in milliseconds. */
  private static final long LONGEST_TIMEOUT = Duration.ofDays(1).toMillis();

  private static final String TRACE_PARENT = "traceparent";
  private static final String TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
  private static final int NONE = -1;
  private static final Set<String> METHODS =
      Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");
  private static final Set<String> WITHOUT_BODY = Set.of("GET", "HEAD");

  /** What the connection is made of, which is the host's. */
  private static final Set<String> OF_THE_HOST =
      Set.of(
          "connection",
          "content-length",
          "expect",
          "host",
          "http2-settings",
          "keep-alive",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade");

  private HttpImports() {}

  static List<HostImport> all() {
    return List.of(HostImport.of(MODULE, "http", "iiiiiiiil:i", HttpImports::http));
  }

  private static long http(Call call, GuestMemory memory, long[] args) {
    int bodyLength = (int) args[7];
    boolean withBody = bodyLength != NONE;
    memory.check((int) args[0], (int) args[1]);
    memory.check((int) args[2], (int) args[3]);
    memory.check((int) args[4], (int) args[5]);
    memory.check((int) args[6], withBody ? bodyLength : 0);
    if (call.invocation() == null) {
      return DENIED;
    }
    if (call.settings().http().isEmpty()) {
      call.log().line("WARN http denied; grant origins in the manifest under allow.http");
      return DENIED;
    }
    if ((int) args[3] > URL_LIMIT_BYTES
        || (int) args[5] > HEADERS_LIMIT_BYTES
        || bodyLength > call.settings().limits().outputBytes()) {
      return TOO_LARGE;
    }
    String method = (int) args[1] > 16 ? null : memory.readText((int) args[0], (int) args[1]);
    String url = memory.readText((int) args[2], (int) args[3]);
    List<Header> headers = headers(call, memory.read((int) args[4], (int) args[5]));
    long timeout = args[8];
    if (method == null || url == null || headers == null || timeout < 0) {
      return INVALID;
    }
    byte[] body = withBody ? memory.read((int) args[6], bodyLength) : null;
    return send(
        call,
        method,
        url,
        headers,
        body,
        timeout == 0
            ? Optional.empty()
            : Optional.of(Duration.ofMillis(Math.min(timeout, LONGEST_TIMEOUT))));
  }

  /**
   * Sends a request under the function's grants and limits, whatever its ABI. Blocks.
   *
   * @param headers none that {@link #belongsToTheHost}
   * @param timeout empty for as long as the invocation has
   * @return the status, or a negative number of {@code GuestAbi}
   */
  public static int send(
      Call call,
      String method,
      String url,
      List<Header> headers,
      byte @Nullable [] body,
      Optional<Duration> timeout) {
    if (!METHODS.contains(method) || (body != null && WITHOUT_BODY.contains(method))) {
      return INVALID;
    }
    HttpGateway.Request request =
        new HttpGateway.Request(
            method,
            url,
            headers,
            body,
            timeout,
            call.settings().http(),
            call.settings().limits().httpBodyBytes());
    return call.ask("http", () -> answer(call.outside().http().send(request)));
  }

  /** Whether a header is part of what the host makes of a connection. */
  public static boolean belongsToTheHost(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return OF_THE_HOST.contains(lower) || lower.startsWith("proxy-");
  }

  /** The headers to send, with the event's trace; {@code null} if the guest's are not valid. */
  private static @Nullable List<Header> headers(Call call, byte[] encoded) {
    Optional<List<Header>> given =
        encoded.length == 0 ? Optional.of(List.of()) : NameValues.decodeHeaders(encoded);
    return given.isEmpty() ? null : withTrace(call, given.get());
  }

  /** Headers with the event's trace; {@code null} if they are not valid. */
  public static @Nullable List<Header> withTrace(Call call, List<Header> given) {
    if (!given.stream().allMatch(HttpImports::isValid)) {
      return null;
    }
    String trace = call.attribute(TRACE_PARENT);
    if (trace == null
        || given.stream().anyMatch(header -> header.name().equalsIgnoreCase(TRACE_PARENT))) {
      return given;
    }
    Header parent = new Header(TRACE_PARENT, trace.getBytes(StandardCharsets.UTF_8));
    if (!isValid(parent)) {
      return given;
    }
    List<Header> all = new ArrayList<>(given);
    all.add(parent);
    return all;
  }

  private static boolean isValid(Header header) {
    byte[] value = header.value();
    if (value == null || !header.name().matches(TOKEN)) {
      return false;
    }
    if (belongsToTheHost(header.name())) {
      return false;
    }
    for (byte each : value) {
      if ((each < ' ' || each > '~') && each != '\t') {
        return false;
      }
    }
    return true;
  }

  private static OutsideAnswer answer(HttpGateway.Answer answer) {
    return switch (answer) {
      case HttpGateway.Response response ->
          new OutsideAnswer(
              response.status(), NameValues.encodeHeaders(response.headers()), response.body());
      case HttpGateway.Denied denied -> OutsideAnswer.failed(DENIED, denied.reason());
      case HttpGateway.TooLarge large -> OutsideAnswer.failed(TOO_LARGE, large.reason());
      case HttpGateway.Invalid invalid -> OutsideAnswer.failed(INVALID, invalid.reason());
    };
  }
}
