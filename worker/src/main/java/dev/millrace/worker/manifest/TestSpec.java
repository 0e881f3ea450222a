package dev.millrace.worker.manifest;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.abi.Header;
import dev.millrace.triggers.Destination;
import dev.millrace.triggers.FailureKind;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * One event for one function, and what must come of it.
 *
 * @param name unique within the manifest and its files of tests
 * @param file the file that has the test, as the user named it
 * @param line where the test stands in the file, from 1
 * @param function a function of the manifest
 * @param given what the function finds
 * @param expect what must come of the first attempt
 * @param then what must come of the next attempts at the same event, one after the other
 */
public record TestSpec(
    String name,
    String file,
    int line,
    String function,
    Given given,
    Expectation expect,
    List<Expectation> then) {

  public TestSpec {
    then = List.copyOf(then);
  }

  /**
   * What the function finds.
   *
   * @param event what it gets
   * @param attempt which attempt it is first told this is, from 1
   * @param config values in place of those of the manifest
   * @param clock the time of day that it sees; empty for the system's
   * @param http what answers its HTTP requests
   * @param keyValues what key-value stores have at the start, by store and key; the others have
   *     nothing
   */
  public record Given(
      DetachedEvent event,
      int attempt,
      Map<String, String> config,
      Optional<Instant> clock,
      List<MockedRequest> http,
      Map<String, Map<String, Payload>> keyValues) {

    public Given {
      config = Map.copyOf(config);
      http = List.copyOf(http);
      keyValues = Map.copyOf(keyValues);
    }
  }

  /**
   * An HTTP request that is answered without being sent.
   *
   * @param method in upper case
   * @param url the whole URL; a {@code *} at the end stands for any rest
   * @param answer what it gets; empty for none, as if the other side were away
   */
  public record MockedRequest(String method, String url, Optional<MockedResponse> answer) {}

  /** What a mocked request gets. */
  public record MockedResponse(int status, List<Header> headers, Optional<Payload> body) {

    public MockedResponse {
      headers = List.copyOf(headers);
    }
  }

  /** How the invocation must end. */
  public enum Ending {
    /** The function is done. */
    DONE,
    /** The function asks to be called again. */
    RETRY,
    /** The function will never accept the event. */
    REJECT,
    /** The function fails against its will. */
    FAIL
  }

  /**
   * What must come of an attempt. What is empty is not looked at.
   *
   * @param ending how the invocation must end
   * @param failure with {@link Ending#FAIL}, what went wrong
   * @param reply a JSON text is equal to the reply's text, any other value to the reply read as
   *     JSON
   * @param replyContains a JSON text is a part of the reply's text, any other value is within the
   *     reply read as JSON
   * @param publishes exactly these messages, in this order
   * @param log a part of what the function logs
   * @param error a part of the error's text
   * @param within the longest that it may take
   * @param keyValues what keys of key-value stores have afterwards; JSON null for nothing
   * @param http exactly these HTTP requests since the test's start, in this order
   */
  public record Expectation(
      Ending ending,
      Optional<FailureKind> failure,
      Optional<JsonNode> reply,
      Optional<JsonNode> replyContains,
      Optional<List<ExpectedMessage>> publishes,
      Optional<String> log,
      Optional<String> error,
      Optional<Duration> within,
      Map<String, Map<String, JsonNode>> keyValues,
      Optional<List<ExpectedRequest>> http) {

    public Expectation {
      publishes = publishes.map(List::copyOf);
      keyValues = Map.copyOf(keyValues);
      http = http.map(List::copyOf);
    }
  }

  /**
   * A message that the function must publish.
   *
   * @param to its destination
   * @param key its key as text; empty if that does not matter
   * @param headers headers that it must have, among others
   * @param data compared as a reply is; empty if it does not matter
   */
  public record ExpectedMessage(
      Destination to, Optional<String> key, Map<String, String> headers, Optional<JsonNode> data) {

    public ExpectedMessage {
      headers = Map.copyOf(headers);
    }
  }

  /**
   * An HTTP request that the function must make.
   *
   * @param method in upper case
   * @param url the whole URL
   * @param headers headers that it must have, among others
   * @param body compared as a reply is; empty if it does not matter
   */
  public record ExpectedRequest(
      String method, String url, Map<String, String> headers, Optional<JsonNode> body) {

    public ExpectedRequest {
      headers = Map.copyOf(headers);
    }
  }
}
