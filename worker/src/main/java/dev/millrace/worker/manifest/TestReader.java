package dev.millrace.worker.manifest;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.abi.Header;
import dev.millrace.triggers.Destination;
import dev.millrace.triggers.FailureKind;
import dev.millrace.worker.manifest.TestSpec.Ending;
import dev.millrace.worker.manifest.TestSpec.Expectation;
import dev.millrace.worker.manifest.TestSpec.ExpectedMessage;
import dev.millrace.worker.wasm.FunctionSpec;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads {@code tests}. */
final class TestReader {

  private final Destinations destinations;
  private final Names<FunctionSpec> functions;
  private final Map<String, Integer> lines = new HashMap<>();

  TestReader(Destinations destinations, Names<FunctionSpec> functions) {
    this.destinations = destinations;
    this.functions = functions;
  }

  Optional<TestSpec> read(Section test) {
    Optional<FunctionSpec> function = functions.resolve(test, "function");
    DetachedEvent event = event(test.section("event"));
    Expectation expect = expectation(test.section("expect"), function);
    Optional<String> name =
        test.text("name")
            .or(
                () ->
                    test.text("function")
                        .map(tested -> tested + " " + (Integer.parseInt(test.name()) + 1)));
    name.ifPresent(text -> unique(test, text));
    return name.flatMap(
        text ->
            test.text("function")
                .map(
                    tested ->
                        new TestSpec(
                            text,
                            test.position().line(),
                            tested,
                            event,
                            test.section("event").numberOrDefault("attempt"),
                            expect)));
  }

  private void unique(Section test, String name) {
    @Nullable Integer first = lines.putIfAbsent(name, test.position().line());
    if (first != null) {
      test.report(
          Rule.DUPLICATE_TEST,
          test.at("name"),
          "the test on line " + first + " is called '" + name + "' too; give it another name");
    }
  }

  private static DetachedEvent event(Section event) {
    Optional<Payload> data = event.node("data").map(Json::payload);
    return new DetachedEvent(
        event.textOrDefault("id"),
        event.textOrDefault("source"),
        event.textOrDefault("type"),
        event.text("subject"),
        time(event),
        event.text("content_type").or(() -> data.map(Payload::contentType)),
        Optional.empty(),
        event.textMap("extensions"),
        event.scalar("key").map(key -> key.text().getBytes(StandardCharsets.UTF_8)).orElse(null),
        headers(event),
        data.map(Payload::bytes).orElse(null));
  }

  private static Instant time(Section event) {
    String text = event.textOrDefault("time");
    try {
      return Instant.parse(text);
    } catch (DateTimeException e) {
      event.reportKey(
          Rule.BAD_VALUE, "time", "is '" + text + "'; write a time such as 2026-01-01T00:00:00Z");
      return Instant.EPOCH;
    }
  }

  /** The headers of a test's event or a feed, in the file's order. */
  static List<Header> headers(Section owner) {
    List<Header> headers = new ArrayList<>();
    owner
        .textMap("headers")
        .forEach(
            (name, value) -> headers.add(new Header(name, value.getBytes(StandardCharsets.UTF_8))));
    return headers;
  }

  private Expectation expectation(Section expect, Optional<FunctionSpec> function) {
    Ending ending = expect.choiceOrDefault("outcome", Ending.class);
    Optional<FailureKind> failure = expect.choice("failure", FailureKind.class);
    if (failure.isPresent() && ending != Ending.FAIL) {
      expect.report(
          Rule.BAD_VALUE,
          expect.at("failure"),
          "expect.failure says how the function fails; write 'outcome: fail' with it");
    }
    Optional<List<ExpectedMessage>> publishes = Optional.empty();
    if (expect.has("publishes")) {
      List<ExpectedMessage> messages = new ArrayList<>();
      for (Section message : expect.items("publishes")) {
        destinations
            .read(message, "to")
            .ifPresent(
                to -> {
                  granted(message, to, function);
                  messages.add(
                      new ExpectedMessage(
                          to, message.scalar("key").map(Node.Scalar::text), message.json("data")));
                });
      }
      publishes = Optional.of(messages);
    }
    return new Expectation(
        ending, failure, expect.json("reply"), publishes, expect.text("log"), expect.text("error"));
  }

  private static void granted(Section message, Destination to, Optional<FunctionSpec> function) {
    if (function.isPresent()
        && function.get().grants().publishTo().stream()
            .noneMatch(grant -> covers(grant, to.toString()))) {
      message.report(
          Rule.PUBLISH_NOT_GRANTED,
          message.at("to"),
          "function '"
              + function.get().name()
              + "' may not publish to '"
              + to
              + "', so this cannot come true; add it to the function's allow.publish");
    }
  }

  private static boolean covers(String grant, String destination) {
    return grant.endsWith("*")
        ? destination.startsWith(grant.substring(0, grant.length() - 1))
        : grant.equals(destination);
  }
}
