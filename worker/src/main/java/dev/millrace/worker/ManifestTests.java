package dev.millrace.worker;

import dev.millrace.abi.Message;
import dev.millrace.triggers.FailureKind;
import dev.millrace.worker.dispatch.Invocation;
import dev.millrace.worker.dispatch.Outcome;
import dev.millrace.worker.manifest.Manifest;
import dev.millrace.worker.manifest.TestSpec;
import dev.millrace.worker.manifest.TestSpec.Ending;
import dev.millrace.worker.manifest.TestSpec.ExpectedMessage;
import dev.millrace.worker.wasm.DeployException;
import dev.millrace.worker.wasm.Engine;
import dev.millrace.worker.wasm.FunctionSpec;
import dev.millrace.worker.wasm.WasmFunction;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Runs the tests of a manifest: one event, one function, and what must come of it. */
public final class ManifestTests {

  private static final JsonMapper JSON = JsonMapper.shared();

  /**
   * How a test went.
   *
   * @param differences what was not as expected, one sentence each; empty when the test passed
   * @param duration how long the invocation took
   */
  public record Result(TestSpec test, List<String> differences, Duration duration) {

    public Result {
      differences = List.copyOf(differences);
    }

    public boolean passed() {
      return differences.isEmpty();
    }
  }

  private ManifestTests() {}

  /**
   * Runs all tests, in the manifest's order. Blocks.
   *
   * @throws DeployException if a function that is tested cannot be deployed
   */
  public static List<Result> run(Manifest manifest, Engine engine) throws DeployException {
    Map<String, WasmFunction> functions = new HashMap<>();
    List<Result> results = new ArrayList<>();
    for (TestSpec test : manifest.tests()) {
      WasmFunction function = functions.get(test.function());
      if (function == null) {
        FunctionSpec spec = Objects.requireNonNull(manifest.functions().get(test.function()));
        function = engine.deploy(spec);
        functions.put(test.function(), function);
      }
      Invocation.Result result =
          function.invoke(new Invocation(test.event(), "test", test.attempt()));
      results.add(new Result(test, differences(test.expect(), result), result.duration()));
    }
    return results;
  }

  static List<String> differences(TestSpec.Expectation expect, Invocation.Result result) {
    List<String> differences = new ArrayList<>();
    Ending ending = ending(result.outcome());
    if (ending != expect.ending()) {
      differences.add(
          "expected outcome " + name(expect.ending()) + ", got " + name(ending) + reason(result));
      return differences;
    }
    if (expect.log().filter(part -> !result.log().contains(part)).isPresent()) {
      differences.add(
          "expected the log to contain '" + expect.log().get() + "', got '" + result.log() + "'");
    }
    switch (result.outcome()) {
      case Outcome.Succeeded succeeded -> {
        expect.reply().ifPresent(reply -> compare("reply", reply, succeeded.reply(), differences));
        expect
            .publishes()
            .ifPresent(messages -> compare(messages, succeeded.publishes(), differences));
      }
      case Outcome.Failed failed -> {
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
    }
    return differences;
  }

  private static void compare(
      List<ExpectedMessage> expected, List<Message> actual, List<String> differences) {
    if (expected.size() != actual.size()) {
      differences.add("expected " + expected.size() + " publishes, got " + actual.size());
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
      if (want.key().filter(key -> !key.equals(text(got.key()))).isPresent()) {
        differences.add(
            "expected the key of "
                + what
                + " to be "
                + want.key().get()
                + ", got "
                + text(got.key()));
      }
      want.data().ifPresent(data -> compare("data of " + what, data, got.data(), differences));
    }
  }

  /** A JSON text is compared as text, every other value as JSON. */
  private static void compare(
      String what, JsonNode expected, byte @Nullable [] actual, List<String> differences) {
    String text = text(actual);
    boolean equal =
        expected.isString() ? expected.stringValue().equals(text) : expected.equals(json(text));
    if (!equal) {
      differences.add("expected the " + what + " to be " + expected + ", got " + text);
    }
  }

  private static @Nullable JsonNode json(@Nullable String text) {
    try {
      return text == null ? null : JSON.readTree(text);
    } catch (JacksonException e) {
      return null;
    }
  }

  private static @Nullable String text(byte @Nullable [] bytes) {
    return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
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

  private static String reason(Invocation.Result result) {
    return result.outcome() instanceof Outcome.Failed failed ? ": " + failed.error() : "";
  }
}
