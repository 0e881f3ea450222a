package dev.millrace.worker.wasm.abi;

import static dev.millrace.worker.wasm.Guests.event;
import static dev.millrace.worker.wasm.Guests.failure;
import static dev.millrace.worker.wasm.Guests.replyBytes;
import static dev.millrace.worker.wasm.Guests.spec;
import static dev.millrace.worker.wasm.Guests.with;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.abi.Header;
import dev.millrace.triggers.FailureKind;
import dev.millrace.worker.dispatch.Invocation;
import dev.millrace.worker.dispatch.Outcome;
import dev.millrace.worker.wasm.DeployException;
import dev.millrace.worker.wasm.Engine;
import dev.millrace.worker.wasm.EngineOptions;
import dev.millrace.worker.wasm.Guests;
import dev.millrace.worker.wasm.WasmFunction;
import dev.millrace.worker.wasm.host.HttpGateway;
import dev.millrace.worker.wasm.host.Outside;
import dev.millrace.worker.wasm.inspection.Inspection;
import dev.millrace.worker.wasm.module.ModuleShape;
import dev.millrace.worker.wasm.spec.AbiSpec;
import dev.millrace.worker.wasm.spec.FunctionSpec;
import dev.millrace.worker.wasm.spec.FunctionSpec.AbiKind;
import dev.millrace.worker.wasm.spec.FunctionSpec.InstanceMode;
import dev.millrace.worker.wasm.spec.Grants;
import dev.millrace.worker.wasm.spec.HttpOrigin;
import dev.millrace.worker.wasm.spec.Limits;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Extism plugins, unmodified. */
class ExtismTest extends GuestContract {

  ExtismTest() {
    super(spec("extism"));
  }

  @Test
  void isKnownByItsImportsAndCalledByItsOnlyExport() {
    Inspection inspection = engine().inspect(contract());

    assertEquals(Optional.of(AbiKind.EXTISM), inspection.abi());
    assertEquals(
        "the module imports from 'extism:host/env', as Extism plugins do", inspection.abiReason());
    assertEquals(Optional.of("transform"), inspection.export());
  }

  @Test
  void allPublishedImportsAreProvided() throws DeployException {
    FunctionSpec all = with(spec("extism-all"), AbiSpec.AUTO.withExport("second"));

    assertEquals(List.of(), engine().inspect(all).problems());
    assertEquals(
        33, engine().inspect(all).imports().stream().filter(ModuleShape.Import::granted).count());
    assertEquals(
        new Outcome.Succeeded(null, List.of()), engine().deploy(all).invoke(event("x")).outcome());
  }

  @Test
  void severalFunctionsNeedAName() {
    assertEquals(
        List.of(
            "the module exports several functions that could be called (first, second); name one by"
                + " 'export:'"),
        engine().inspect(spec("extism-all")).problems());
  }

  @Test
  void aFunctionThatIsNotThereIsRefused() {
    assertEquals(
        List.of(
            "the module does not export 'third' () -> (i32); export it, or set 'abi:' to what the"
                + " module is"),
        engine().inspect(with(spec("extism-all"), AbiSpec.AUTO.withExport("third"))).problems());
  }

  @Test
  void functionsOfAnApplicationAreRefused() {
    assertEquals(
        List.of(
            "the module imports extism:host/user.lookup: the functions of 'extism:host/user' are an"
                + " application's own, and there is none here; build the plugin without them"),
        engine().inspect(spec("extism-user")).problems());
  }

  @Test
  void aRuntimeIsInitializedAsExtismDoes() throws DeployException {
    FunctionSpec haskell = spec("extism-haskell");

    assertEquals(
        "the module imports extism_… from 'env', as Extism plugins before 1.0 do",
        engine().inspect(haskell).abiReason());
    assertEquals(
        new Outcome.Succeeded(null, List.of()),
        engine().deploy(haskell).invoke(event("x")).outcome());
  }

  @Test
  void anotherCodeAndAnErrorAreFailures() throws DeployException {
    WasmFunction function = deploy(InstanceMode.FRESH);

    assertEquals(
        "function 'extism': returned 3: later",
        failure(FailureKind.EXIT_CODE, function.invoke(event("F"))).error());
    assertEquals(
        "function 'extism': returned 0 and an error: later",
        failure(FailureKind.EXIT_CODE, function.invoke(event("E"))).error());
  }

  @Test
  void aTrapIsToldWithTheErrorThatWasSet() throws DeployException {
    String error = failure(FailureKind.TRAP, deploy(InstanceMode.FRESH).invoke(event("X"))).error();

    assertTrue(error.endsWith("; it logged: ERROR never"), error);
  }

  @Test
  void variablesAreKeptUnderReuseOnlyAndBlocksNever() throws DeployException {
    WasmFunction fresh = deploy(InstanceMode.FRESH);
    WasmFunction reused = deploy(InstanceMode.REUSE);
    fresh.invoke(event("C"));
    reused.invoke(event("C"));

    assertArrayEquals(new byte[] {1, 1, 1, 0}, replyBytes(fresh.invoke(event("C"))));
    assertArrayEquals(new byte[] {2, 2, 2, 0}, replyBytes(reused.invoke(event("C"))));
  }

  @Test
  void blocksCountAgainstTheMemoryLimit() throws DeployException {
    WasmFunction function = deploy(InstanceMode.REUSE);

    failure(FailureKind.MEMORY_LIMIT, function.invoke(event("A")));

    assertEquals("D", text(function.invoke(event("D"))));
  }

  @Test
  void dataThatHasNoRoomIsAMemoryFailure() throws DeployException {
    Limits limits = contract().limits();
    WasmFunction function =
        engine()
            .deploy(
                with(
                    contract(),
                    new Limits(limits.timeout(), 2 << 16, 1 << 20, 1 << 20, limits.logBytes())));

    assertEquals(
        "function 'extism': has no room for data of 70000 bytes within limits.memory 131072; raise"
            + " the limit",
        failure(FailureKind.MEMORY_LIMIT, function.invoke(event("D".repeat(70_000)))).error());
  }

  @Test
  void configurationAndLogReachTheManifestAndTheUser() throws DeployException {
    WasmFunction function =
        engine().deploy(Guests.withConfig(contract(), Map.of("region", "eu"), Map.of()));

    assertEquals("eu", text(function.invoke(event("K"))));
    assertEquals("WARN later\n", function.invoke(event("G")).log());
  }

  private static final String REQUEST =
      """
      {"url":"https://api.example.com/a?b=c","method":"post",\
      "headers":{"Accept":"text/plain","Content-Length":"99"}}""";

  @Test
  void requestsAreSentUnderTheFunctionsGrants() throws DeployException {
    List<HttpGateway.Request> sent = new ArrayList<>();
    HttpGateway gateway =
        request -> {
          sent.add(request);
          return new HttpGateway.Response(
              201,
              List.of(new Header("x-id", "7".getBytes(StandardCharsets.UTF_8))),
              "created".getBytes(StandardCharsets.UTF_8));
        };
    try (Engine online =
        Engine.open(EngineOptions.defaults().withOutside(Outside.inMemory().withHttp(gateway)))) {
      HttpOrigin origin = HttpOrigin.parse("https://api.example.com", false);
      WasmFunction function = online.deploy(with(contract(), Grants.NONE.withHttp(Set.of(origin))));

      assertEquals("created", text(function.invoke(event("H" + REQUEST))));
      assertEquals("{\"x-id\":\"7\"}", text(function.invoke(event("J" + REQUEST))));
    }

    HttpGateway.Request first = sent.getFirst();
    assertEquals("POST", first.method());
    assertEquals("https://api.example.com/a?b=c", first.url());
    assertEquals(List.of("Accept"), first.headers().stream().map(Header::name).toList());
    assertEquals("later", new String(first.body(), StandardCharsets.UTF_8));
  }

  @Test
  void aRequestThatIsNotGrantedOrGetsNoAnswerEndsTheInvocation() throws DeployException {
    WasmFunction refused = deploy(InstanceMode.FRESH);
    HttpOrigin origin = HttpOrigin.parse("https://api.example.com", false);
    WasmFunction unanswered =
        engine().deploy(with(contract(), Grants.NONE.withHttp(Set.of(origin))));

    assertEquals(
        "function 'extism': called extism:host/env.http_request for 'https://api.example.com/a?b=c':"
            + " the manifest grants it no origin; list them under allow.http",
        failure(FailureKind.BROKEN_CONTRACT, refused.invoke(event("H" + REQUEST))).error());
    assertEquals(
        "function 'extism': called extism:host/env.http_request for 'https://api.example.com/a?b=c':"
            + " this run reaches nothing outside",
        failure(FailureKind.TRAP, unanswered.invoke(event("H" + REQUEST))).error());
    failure(FailureKind.BROKEN_CONTRACT, unanswered.invoke(event("Hno json")));
  }

  @Test
  void requestsWithoutAGrantAreAWarning() {
    assertEquals(
        List.of(
            "the module imports extism:host/env.http_request, but the manifest grants no origin;"
                + " list them under allow.http"),
        engine().inspect(contract()).warnings());
  }

  @Test
  void aHandleThatIsNoneBreaksTheContract() throws DeployException {
    Invocation.Result result = deploy(InstanceMode.FRESH).invoke(event("B"));

    assertEquals(
        "function 'extism': called extism:host/env.log with 12345, where no block of its Extism"
            + " memory begins; pass what alloc answered",
        failure(FailureKind.BROKEN_CONTRACT, result).error());
  }
}
