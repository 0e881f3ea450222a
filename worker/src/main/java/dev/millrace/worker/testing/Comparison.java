package dev.millrace.worker.testing;

import dev.millrace.abi.Header;
import dev.millrace.abi.Message;
import dev.millrace.triggers.FailureKind;
import dev.millrace.worker.dispatch.Invocation;
import dev.millrace.worker.dispatch.Outcome;
import dev.millrace.worker.manifest.TestSpec.Ending;
import dev.millrace.worker.manifest.TestSpec.Expectation;
import dev.millrace.worker.manifest.TestSpec.ExpectedMessage;
import dev.millrace.worker.manifest.TestSpec.ExpectedRequest;
import dev.millrace.worker.wasm.host.HttpGateway;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What was expected of an attempt beside what came of it. */
final class Comparison {

  private final Invocation.Result result;
  private final MockWorld world;
  private final List<String> differences = new ArrayList<>();

  private Comparison(Invocation.Result result, MockWorld world) {
    this.result = result;
    this.world = world;
  }

  /** What is not as expected, one sentence each; empty if everything is. */
  static List<String> of(Expectation expect, Invocation.Result result, MockWorld world) {
    Comparison comparison = new Comparison(result, world);
    comparison.compare(expect);
    return comparison.differences;
  }

  private void compare(Expectation expect) {
    for (String request : world.http().unanswered()) {
      differences.add(
          "the function asked for " + request + ", which no mock answers; add it to mocks.http");
    }
    Ending ending = ending(result.outcome());
    if (ending != expect.ending()) {
      differences.add(
          "expected outcome " + name(expect.ending()) + ", got " + name(ending) + reason());
      return;
    }
    if (expect.log().filter(part -> !result.log().contains(part)).isPresent()) {
      differences.add(
          "expected the log to contain '" + expect.log().get() + "', got '" + result.log() + "'");
    }
    expect
        .within()
        .filter(limit -> result.duration().compareTo(limit) > 0)
        .ifPresent(
            limit ->
                differences.add(
                    "expected an end within "
                        + limit.toMillis()
                        + " ms, but it took "
                        + result.duration().toMillis()
                        + " ms"));
    switch (result.outcome()) {
      case Outcome.Succeeded succeeded -> compare(expect, succeeded);
      case Outcome.Failed failed -> compare(expect, failed);
    }
    expect.http().ifPresent(this::compareRequests);
    expect.keyValues().forEach(this::compareStore);
  }

  private void compare(Expectation expect, Outcome.Succeeded succeeded) {
    byte @Nullable [] reply = succeeded.reply();
    expect.reply().ifPresent(wanted -> add(Difference.of("reply", wanted, reply)));
    expect.replyContains().ifPresent(wanted -> add(Difference.within("reply", wanted, reply)));
    expect.publishes().ifPresent(wanted -> compareMessages(wanted, succeeded.publishes()));
  }

  private void compare(Expectation expect, Outcome.Failed failed) {
    if (expect.failure().filter(kind -> kind != failed.kind()).isPresent()) {
      differences.add("expected failure " + expect.failure().get() + ", got " + failed.kind());
    }
    if (expect.error().filter(part -> !failed.error().contains(part)).isPresent()) {
      differences.add(
          "expected the error to contain '"
              + expect.error().get()
              + "', got '"
              + failed.error()
              + "'");
    }
  }

  private void compareMessages(List<ExpectedMessage> expected, List<Message> actual) {
    if (expected.size() != actual.size()) {
      differences.add(
          "expected "
              + expected.size()
              + " publishes, got "
              + actual.size()
              + list(
                  actual.stream()
                      .map(message -> message.to() + " " + Difference.text(message.data()))
                      .toList()));
      return;
    }
    for (int i = 0; i < expected.size(); i++) {
      ExpectedMessage want = expected.get(i);
      Message got = actual.get(i);
      String what = "publish " + (i + 1);
      // In a test there is no trigger that says where replies go: any destination will do.
      if (!got.to().equals(Message.TO_REPLY) && !want.to().toString().equals(got.to())) {
        differences.add("expected " + what + " to " + want.to() + ", got " + got.to());
      }
      if (want.key().filter(key -> !key.equals(Difference.text(got.key()))).isPresent()) {
        differences.add(
            "expected the key of "
                + what
                + " to be "
                + want.key().get()
                + ", got "
                + Difference.text(got.key()));
      }
      compareHeaders(what, want.headers(), got.headers());
      want.data().ifPresent(data -> add(Difference.of("data of " + what, data, got.data())));
    }
  }

  private void compareRequests(List<ExpectedRequest> expected) {
    List<HttpGateway.Request> actual = world.http().requests();
    if (expected.size() != actual.size()) {
      differences.add(
          "expected "
              + expected.size()
              + " HTTP requests, got "
              + actual.size()
              + list(
                  actual.stream().map(request -> request.method() + " " + request.url()).toList()));
      return;
    }
    for (int i = 0; i < expected.size(); i++) {
      ExpectedRequest want = expected.get(i);
      HttpGateway.Request got = actual.get(i);
      String what = "HTTP request " + (i + 1);
      String wanted = want.method() + " " + want.url();
      String sent = got.method() + " " + got.url();
      if (!wanted.equals(sent)) {
        differences.add("expected " + what + " to be " + wanted + ", got " + sent);
      }
      compareHeaders(what, want.headers(), got.headers());
      want.body().ifPresent(body -> add(Difference.of("body of " + what, body, got.body())));
    }
  }

  private void compareHeaders(String what, Map<String, String> expected, List<Header> actual) {
    expected.forEach(
        (name, value) -> {
          List<String> values =
              actual.stream()
                  .filter(header -> header.name().equals(name))
                  .map(header -> String.valueOf(Difference.text(header.value())))
                  .toList();
          if (!values.contains(value)) {
            differences.add(
                "expected the header "
                    + name
                    + " of "
                    + what
                    + " to be "
                    + value
                    + ", got "
                    + (values.isEmpty() ? "none" : String.join(", ", values)));
          }
        });
  }

  private void compareStore(String store, Map<String, tools.jackson.databind.JsonNode> expected) {
    expected.forEach(
        (key, value) ->
            add(
                Difference.of(
                    "value of '" + key + "' in key-value store '" + store + "'",
                    value,
                    world.value(store, key))));
  }

  private void add(List<String> found) {
    differences.addAll(found);
  }

  private static String list(List<String> items) {
    return items.isEmpty() ? "" : ": " + String.join(", ", items);
  }

  private static Ending ending(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Succeeded succeeded -> Ending.DONE;
      case Outcome.Failed failed ->
          failed.kind() == FailureKind.RETRY_REQUESTED
              ? Ending.RETRY
              : failed.kind() == FailureKind.REJECTED ? Ending.REJECT : Ending.FAIL;
    };
  }

  private static String name(Ending ending) {
    return ending.name().toLowerCase(Locale.ROOT);
  }

  private String reason() {
    return result.outcome() instanceof Outcome.Failed failed ? ": " + failed.error() : "";
  }
}
