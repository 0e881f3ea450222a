package dev.millrace.worker.wasm;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.abi.Event;
import dev.millrace.triggers.FailureKind;
import dev.millrace.worker.dispatch.Invocation;
import dev.millrace.worker.dispatch.Outcome;
import dev.millrace.worker.wasm.module.Execution;
import dev.millrace.worker.wasm.spec.AbiSpec;
import dev.millrace.worker.wasm.spec.FunctionSpec;
import dev.millrace.worker.wasm.spec.FunctionSpec.AbiKind;
import dev.millrace.worker.wasm.spec.FunctionSpec.InstanceMode;
import dev.millrace.worker.wasm.spec.Grants;
import dev.millrace.worker.wasm.spec.Limits;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Assertions;

/** The guests beside the tests, and what is needed to call them. */
public final class Guests {

  public static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

  private Guests() {}

  /** A guest's file. */
  public static Path file(String name) {
    return resource("/wasm/" + name + ".wasm");
  }

  /** A guest's file, by its place on the class path. */
  static Path resource(String place) {
    URL url = Guests.class.getResource(place);
    Assertions.assertNotNull(url, "no guest at " + place);
    try {
      return Path.of(url.toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A function of one of the guests, with tight limits and one slot. */
  public static FunctionSpec spec(String guest) {
    return spec(guest, file(guest));
  }

  public static FunctionSpec spec(String name, Path module) {
    return new FunctionSpec(
        name,
        module,
        Optional.empty(),
        new Limits(Duration.ofSeconds(20), 4 << 20, 1 << 20, 1 << 20, 4096),
        InstanceMode.FRESH,
        1,
        Map.of(),
        Map.of(),
        Grants.NONE);
  }

  public static FunctionSpec with(FunctionSpec spec, Limits limits) {
    return copy(spec, spec.abi(), limits, spec.instance(), spec.concurrency());
  }

  public static FunctionSpec withTimeout(FunctionSpec spec, Duration timeout) {
    Limits limits = spec.limits();
    return with(
        spec,
        new Limits(
            timeout,
            limits.memoryBytes(),
            limits.inputBytes(),
            limits.outputBytes(),
            limits.logBytes(),
            timeout,
            limits.httpBodyBytes()));
  }

  public static FunctionSpec with(FunctionSpec spec, InstanceMode mode) {
    return copy(spec, spec.abi(), spec.limits(), mode, spec.concurrency());
  }

  public static FunctionSpec with(FunctionSpec spec, AbiSpec abi) {
    return copy(spec, abi, spec.limits(), spec.instance(), spec.concurrency());
  }

  public static FunctionSpec with(FunctionSpec spec, AbiKind abi) {
    return copy(spec, AbiSpec.of(abi), spec.limits(), spec.instance(), spec.concurrency());
  }

  public static FunctionSpec withConcurrency(FunctionSpec spec, int concurrency) {
    return copy(spec, spec.abi(), spec.limits(), spec.instance(), concurrency);
  }

  public static FunctionSpec withConfig(
      FunctionSpec spec, Map<String, String> config, Map<String, String> secrets) {
    return new FunctionSpec(
        spec.name(),
        spec.program(),
        spec.abi(),
        spec.limits(),
        spec.instance(),
        spec.concurrency(),
        config,
        secrets,
        spec.grants());
  }

  public static FunctionSpec with(FunctionSpec spec, Grants grants) {
    return new FunctionSpec(
        spec.name(),
        spec.program(),
        spec.abi(),
        spec.limits(),
        spec.instance(),
        spec.concurrency(),
        spec.config(),
        spec.secrets(),
        grants);
  }

  public static FunctionSpec withPublishTo(FunctionSpec spec, String... destinations) {
    return with(spec, Grants.publishTo(Set.of(destinations)));
  }

  public static FunctionSpec interpreted(FunctionSpec spec) {
    return new FunctionSpec(
        spec.name(),
        spec.program(),
        spec.abi(),
        spec.limits(),
        spec.instance(),
        spec.concurrency(),
        spec.config(),
        spec.secrets(),
        spec.grants(),
        Execution.INTERPRETER);
  }

  private static FunctionSpec copy(
      FunctionSpec spec, AbiSpec abi, Limits limits, InstanceMode mode, int concurrency) {
    return new FunctionSpec(
        spec.name(),
        spec.program(),
        abi,
        limits,
        mode,
        concurrency,
        spec.config(),
        spec.secrets(),
        spec.grants());
  }

  public static Invocation event(String data) {
    return event(DetachedEvent.of("id-1", "test:source", "test.type", NOON, data));
  }

  public static Invocation event(Event event) {
    return new Invocation(event, "a-trigger", 1);
  }

  /** The reply of a successful invocation, as text. */
  public static String reply(Invocation.Result result) {
    return new String(replyBytes(result), StandardCharsets.UTF_8);
  }

  public static byte[] replyBytes(Invocation.Result result) {
    Outcome.Succeeded succeeded =
        Assertions.assertInstanceOf(
            Outcome.Succeeded.class, result.outcome(), () -> result.toString());
    byte[] reply = succeeded.reply();
    Assertions.assertNotNull(reply, "no reply");
    return reply;
  }

  /** The failure of an invocation, which is of one kind. */
  public static Outcome.Failed failure(FailureKind kind, Invocation.Result result) {
    Outcome.Failed failed =
        Assertions.assertInstanceOf(
            Outcome.Failed.class, result.outcome(), () -> result.toString());
    Assertions.assertEquals(kind, failed.kind(), failed::error);
    return failed;
  }
}
