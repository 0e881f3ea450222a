package dev.millrace.worker.wasm.abi;

import dev.millrace.abi.GuestAbi;
import dev.millrace.abi.Header;
import dev.millrace.triggers.FailureKind;
import dev.millrace.worker.wasm.host.Call;
import dev.millrace.worker.wasm.host.GuestStop;
import dev.millrace.worker.wasm.host.HttpImports;
import dev.millrace.worker.wasm.host.NameValues;
import dev.millrace.worker.wasm.host.OutsideAnswer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * HTTP requests of Extism plugins: a JSON object with {@code url}, {@code method} and {@code
 * headers} in one block, the body in another. They are sent as those of the millrace ABI are, under
 * the same grants. What cannot be sent, or gets no answer, ends the invocation: a plugin has no way
 * to be told.
 *
 * <p>Confined to the thread that holds the slot.
 */
final class ExtismHttp {

  private static final JsonMapper JSON = JsonMapper.shared();
  private static final String FUNCTION = ExtismImports.MODULE + ".http_request";

  private int status;
  private byte @Nullable [] headers;

  void clear() {
    status = 0;
    headers = null;
  }

  /** The status of the last response; 0 if there was none. */
  int status() {
    return status;
  }

  /** The headers of the last response, as a JSON object; {@code null} if there was none. */
  byte @Nullable [] headers() {
    return headers;
  }

  /**
   * Sends a request. Blocks.
   *
   * @return the response's body
   */
  byte[] send(Call call, byte[] request, byte @Nullable [] body) {
    clear();
    JsonNode json = parse(request);
    String url = json.path("url").asString("");
    String method = json.path("method").asString("GET").toUpperCase(Locale.ROOT);
    if (call.settings().http().isEmpty() || call.invocation() == null) {
      throw failed(
          FailureKind.BROKEN_CONTRACT,
          url,
          "the manifest grants it no origin; list them under allow.http");
    }
    if (body != null && body.length > call.settings().limits().outputBytes()) {
      throw failed(FailureKind.OUTPUT_LIMIT, url, "its body exceeds limits.output");
    }
    List<Header> given = HttpImports.withTrace(call, headers(json.path("headers")));
    int result =
        given == null || url.length() > HttpImports.URL_LIMIT_BYTES
            ? GuestAbi.INVALID
            : HttpImports.send(call, method, url, given, body, Optional.empty());
    if (result < 0) {
      boolean later = result == GuestAbi.UNAVAILABLE;
      throw failed(
          later ? FailureKind.TRAP : FailureKind.BROKEN_CONTRACT, url, reason(result, call));
    }
    OutsideAnswer answer = call.lastAnswer();
    byte[] list = answer == null ? null : answer.headers();
    status = result;
    headers = json(list == null ? new byte[0] : list);
    byte[] answered = call.takeAnswer();
    return answered == null ? new byte[0] : answered;
  }

  private static JsonNode parse(byte[] request) {
    try {
      if (request.length <= HttpImports.HEADERS_LIMIT_BYTES + HttpImports.URL_LIMIT_BYTES) {
        JsonNode json = JSON.readTree(request);
        if (json.path("url").isString()) {
          return json;
        }
      }
    } catch (JacksonException e) {
      // told below
    }
    throw new GuestStop.BrokenContract(
        "called " + FUNCTION + " with what is no request; it must be a JSON object with a url");
  }

  private static List<Header> headers(JsonNode json) {
    List<Header> headers = new ArrayList<>();
    for (Map.Entry<String, JsonNode> entry : json.properties()) {
      if (!HttpImports.belongsToTheHost(entry.getKey())) {
        headers.add(
            new Header(
                entry.getKey(), entry.getValue().asString("").getBytes(StandardCharsets.UTF_8)));
      }
    }
    return headers;
  }

  private static byte[] json(byte[] list) {
    Map<String, String> all = new LinkedHashMap<>();
    for (Header header : NameValues.decodeHeaders(list).orElse(List.of())) {
      byte[] value = header.value();
      if (value != null) {
        all.put(header.name(), new String(value, StandardCharsets.UTF_8));
      }
    }
    return JSON.writeValueAsBytes(all);
  }

  private static String reason(int result, Call call) {
    String said = call.log().lastLine();
    String known =
        switch (result) {
          case GuestAbi.DENIED -> "it is not allowed";
          case GuestAbi.TOO_LARGE -> "a bound was exceeded";
          case GuestAbi.UNAVAILABLE -> "there was no answer";
          default -> "it cannot be sent";
        };
    return said.startsWith("WARN http: ") ? said.substring("WARN http: ".length()) : known;
  }

  private static GuestStop.HostCallFailed failed(FailureKind kind, String url, String why) {
    return new GuestStop.HostCallFailed(kind, "called " + FUNCTION + " for '" + url + "': " + why);
  }
}
