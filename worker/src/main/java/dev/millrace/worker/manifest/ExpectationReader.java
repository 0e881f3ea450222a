package dev.millrace.worker.manifest;

import dev.millrace.triggers.Destination;
import dev.millrace.triggers.FailureKind;
import dev.millrace.worker.manifest.TestSpec.Ending;
import dev.millrace.worker.manifest.TestSpec.Expectation;
import dev.millrace.worker.manifest.TestSpec.ExpectedMessage;
import dev.millrace.worker.manifest.TestSpec.ExpectedRequest;
import dev.millrace.worker.wasm.spec.FunctionSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** Reads a test's {@code expect}, or an item of its {@code then}. */
final class ExpectationReader {

  private final Destinations destinations;
  private final Names<KeyValueSpec> stores;

  ExpectationReader(Destinations destinations, Names<KeyValueSpec> stores) {
    this.destinations = destinations;
    this.stores = stores;
  }

  Expectation read(Section expect, Optional<FunctionSpec> function) {
    Ending ending = expect.choiceOrDefault("outcome", Ending.class);
    Optional<FailureKind> failure = expect.choice("failure", FailureKind.class);
    if (failure.isPresent() && ending != Ending.FAIL) {
      expect.report(
          Rule.BAD_VALUE,
          expect.at("failure"),
          "expect.failure says how the function fails; write 'outcome: fail' with it");
    }
    return new Expectation(
        ending,
        failure,
        expect.json("reply"),
        expect.json("reply_contains"),
        expect.has("publishes") ? Optional.of(messages(expect, function)) : Optional.empty(),
        expect.text("log"),
        expect.text("error"),
        expect.duration("within"),
        keyValues(expect.section("kv")),
        expect.has("http") ? Optional.of(requests(expect)) : Optional.empty());
  }

  private List<ExpectedMessage> messages(Section expect, Optional<FunctionSpec> function) {
    List<ExpectedMessage> messages = new ArrayList<>();
    for (Section message : expect.items("publishes")) {
      destinations
          .read(message, "to")
          .ifPresent(
              to -> {
                granted(message, to, function);
                messages.add(
                    new ExpectedMessage(
                        to,
                        message.scalar("key").map(Node.Scalar::text),
                        message.textMap("headers"),
                        message.json("data")));
              });
    }
    return messages;
  }

  private static List<ExpectedRequest> requests(Section expect) {
    List<ExpectedRequest> requests = new ArrayList<>();
    for (Section request : expect.items("http")) {
      request
          .text("url")
          .ifPresent(
              url ->
                  requests.add(
                      new ExpectedRequest(
                          request.textOrDefault("method").toUpperCase(Locale.ROOT),
                          url,
                          request.textMap("headers"),
                          request.json("body"))));
    }
    return requests;
  }

  private Map<String, Map<String, JsonNode>> keyValues(Section stored) {
    Map<String, Map<String, JsonNode>> keyValues = new LinkedHashMap<>();
    for (Section store : stored.named()) {
      stores.resolve(store.name(), store, store.position());
      Map<String, JsonNode> values = new LinkedHashMap<>();
      store.keys().forEach(key -> store.json(key).ifPresent(json -> values.put(key, json)));
      keyValues.put(store.name(), values);
    }
    return keyValues;
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
