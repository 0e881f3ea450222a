package dev.millrace.worker.manifest;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.abi.Header;
import dev.millrace.worker.manifest.TestSpec.Expectation;
import dev.millrace.worker.manifest.TestSpec.Given;
import dev.millrace.worker.manifest.TestSpec.MockedRequest;
import dev.millrace.worker.manifest.TestSpec.MockedResponse;
import dev.millrace.worker.wasm.spec.FunctionSpec;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads {@code tests}, of the manifest and of the files beside it. */
final class TestReader {

  private final String manifest;
  private final Names<FunctionSpec> functions;
  private final Names<KeyValueSpec> stores;
  private final ExpectationReader expectations;
  private final Map<String, String> places = new HashMap<>();

  /**
   * @param manifest the manifest's file, as the user named it
   */
  TestReader(
      String manifest,
      Destinations destinations,
      Names<FunctionSpec> functions,
      Names<KeyValueSpec> stores) {
    this.manifest = manifest;
    this.functions = functions;
    this.stores = stores;
    this.expectations = new ExpectationReader(destinations, stores);
  }

  Optional<TestSpec> read(Section test) {
    Optional<FunctionSpec> function = functions.resolve(test, "function");
    Given given = given(test);
    Expectation expect = expectations.read(test.section("expect"), function);
    List<Expectation> then =
        test.items("then").stream().map(each -> expectations.read(each, function)).toList();
    Optional<String> name =
        test.text("name")
            .or(
                () ->
                    test.text("function")
                        .map(tested -> tested + " " + (Integer.parseInt(test.name()) + 1))
                        .map(unnamed -> unnamed + ofFile(test)));
    name.ifPresent(text -> unique(test, text));
    return name.flatMap(
        text ->
            test.text("function")
                .map(
                    tested ->
                        new TestSpec(
                            text,
                            test.file(),
                            test.position().line(),
                            tested,
                            given,
                            expect,
                            then)));
  }

  /** Tests without a name are numbered in each file. */
  private String ofFile(Section test) {
    return test.file().equals(manifest)
        ? ""
        : " of " + Path.of(test.file()).getFileName().toString();
  }

  private void unique(Section test, String name) {
    String place = "on line " + test.position().line();
    @Nullable String first = places.putIfAbsent(name, place + " of " + test.file());
    if (first != null) {
      String here = " of " + test.file();
      test.report(
          Rule.DUPLICATE_TEST,
          test.at("name"),
          "the test "
              + (first.endsWith(here) ? first.substring(0, first.length() - here.length()) : first)
              + " is called '"
              + name
              + "' too; give it another name");
    }
  }

  private Given given(Section test) {
    Section mocks = test.section("mocks");
    return new Given(
        event(test.section("event")),
        test.section("event").numberOrDefault("attempt"),
        test.textMap("config"),
        test.has("clock") ? Optional.of(time(test, "clock")) : Optional.empty(),
        requests(mocks),
        keyValues(mocks.section("kv")));
  }

  private static DetachedEvent event(Section event) {
    Optional<Payload> data = event.node("data").map(Json::payload);
    return new DetachedEvent(
        event.textOrDefault("id"),
        event.textOrDefault("source"),
        event.textOrDefault("type"),
        event.text("subject"),
        time(event, "time"),
        event.text("content_type").or(() -> data.map(Payload::contentType)),
        Optional.empty(),
        event.textMap("extensions"),
        event.scalar("key").map(key -> key.text().getBytes(StandardCharsets.UTF_8)).orElse(null),
        headers(event),
        data.map(Payload::bytes).orElse(null));
  }

  private static Instant time(Section owner, String key) {
    String text = owner.textOrDefault(key);
    try {
      return Instant.parse(text);
    } catch (DateTimeException e) {
      owner.reportKey(
          Rule.BAD_VALUE, key, "is '" + text + "'; write a time such as 2026-01-01T00:00:00Z");
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

  private static List<MockedRequest> requests(Section mocks) {
    List<MockedRequest> requests = new ArrayList<>();
    for (Section request : mocks.items("http")) {
      MockedResponse response =
          new MockedResponse(
              request.numberOrDefault("status"),
              headers(request),
              request.node("body").map(Json::payload));
      boolean away = request.flag("away");
      request
          .text("url")
          .ifPresent(
              url ->
                  requests.add(
                      new MockedRequest(
                          request.textOrDefault("method").toUpperCase(Locale.ROOT),
                          url,
                          away ? Optional.empty() : Optional.of(response))));
    }
    return requests;
  }

  private Map<String, Map<String, Payload>> keyValues(Section stored) {
    Map<String, Map<String, Payload>> keyValues = new LinkedHashMap<>();
    for (Section store : stored.named()) {
      stores.resolve(store.name(), store, store.position());
      Map<String, Payload> values = new LinkedHashMap<>();
      store
          .keys()
          .forEach(key -> store.node(key).ifPresent(node -> values.put(key, Json.payload(node))));
      keyValues.put(store.name(), values);
    }
    return keyValues;
  }
}
