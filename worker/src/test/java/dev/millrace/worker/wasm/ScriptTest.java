package dev.millrace.worker.wasm;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.triggers.FailureKind;
import dev.millrace.worker.dispatch.Invocation;
import dev.millrace.worker.dispatch.Outcome;
import dev.millrace.worker.wasm.inspection.Inspection;
import dev.millrace.worker.wasm.spec.AbiSpec;
import dev.millrace.worker.wasm.spec.FunctionSpec;
import dev.millrace.worker.wasm.spec.FunctionSpec.InstanceMode;
import dev.millrace.worker.wasm.spec.Grants;
import dev.millrace.worker.wasm.spec.Limits;
import dev.millrace.worker.wasm.spec.Program;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Scripts, and the interpreter that runs them. */
class ScriptTest {

  @TempDir private static Path cache;
  private static Engine engine;

  @TempDir private Path directory;

  @BeforeAll
  static void open() {
    engine = Engine.open(EngineOptions.defaults().withCacheDirectory(cache));
  }

  @AfterAll
  static void close() {
    engine.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'text: ' + event.text()          | text: ä€😀",
        "new TextEncoder().encode('ä')    | ä",
        "new Uint8Array([97, 98, 99]).subarray(1) | bc",
        "({ a: [1, 'x', null], b: 2n > 1n })      | {\"a\":[1,\"x\",null],\"b\":true}",
        "42                               | 42",
        "Promise.resolve('later')         | later",
        "(async () => { await null; await null; return 'async'; })() | async",
        "'\\ud800'                        | \ufffd"
      })
  void whatHandleReturnsIsTheReply(String expression, String reply) throws DeployException {
    try (WasmFunction function = deploy("export const handle = (event) => " + expression + ";")) {
      assertEquals(reply, Guests.reply(function.invoke(Guests.event("ä€😀"))));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"undefined", "null", "Promise.resolve()"})
  void nothingReturnedIsNoReply(String expression) throws DeployException {
    try (WasmFunction function = deploy("export const handle = () => " + expression + ";")) {
      assertNull(succeeded(function.invoke(Guests.event("x"))).reply());
    }
  }

  @ParameterizedTest
  @EnumSource
  void anEventFindsWhatItsModeSays(InstanceMode mode) throws DeployException {
    String script =
        """
            let module = 0;
            export function handle() {
              module++;
              globalThis.global = (globalThis.global ?? 0) + 1;
              Array.prototype.inherited = (Array.prototype.inherited ?? 0) + 1;
              return `${module} ${globalThis.global} ${[].inherited}`;
            }
            """;
    try (WasmFunction function = engine.deploy(Guests.with(spec(script), mode))) {
      function.invoke(Guests.event("x"));

      assertEquals(
          mode == InstanceMode.FRESH ? "1 1 1" : "2 2 2",
          Guests.reply(function.invoke(Guests.event("x"))));
    }
  }

  @ParameterizedTest
  @EnumSource
  void eachEventHasItsOwnRandomNumbersAndTime(InstanceMode mode) throws DeployException {
    String script =
        """
            const drawn = Math.random() + crypto.randomUUID();
            export const handle = () => [Math.random(), Math.random(), crypto.randomUUID()];
            """;
    try (WasmFunction function = engine.deploy(Guests.with(spec(script), mode))) {
      Set<String> replies = new HashSet<>();
      for (int i = 0; i < 20; i++) {
        String reply = Guests.reply(function.invoke(Guests.event("x")));
        replies.addAll(List.of(reply.substring(1, reply.length() - 1).split(",")));
      }

      assertEquals(60, replies.size(), replies::toString);
    }
    String clock = "const start = Date.now();\nexport const handle = () => Date.now() - start;\n";
    try (WasmFunction function = engine.deploy(Guests.with(spec(clock), mode))) {
      Thread.sleep(20);
      assertTrue(Integer.parseInt(Guests.reply(function.invoke(Guests.event("x")))) >= 20);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void anErrorOfSyntaxIsSaidWithItsLineWhenItIsDeployed() {
    String error = refused("export function handle(event) {\n  return 1 +;\n}\n");

    assertTrue(error.contains("SyntaxError"), error);
    assertTrue(error.contains("handler.js:2"), error);
  }

  @Test
  void whatAScriptThrowsWhileItStartsIsSaidWhenItIsDeployed() {
    String error = refused("const a = undefined;\na.b();\nexport function handle() {}\n");

    assertTrue(error.contains("TypeError: cannot read property 'b' of undefined"), error);
    assertTrue(error.contains("handler.js:2"), error);
  }

  @Test
  void aScriptExportsHandle() {
    String error = refused("export function handel() {}\n");

    assertTrue(error.contains("handler.js exports no function 'handle'"), error);
  }

  @Test
  void aScriptImportsFilesOfItsDirectoryAndBelow() throws DeployException {
    write("lib/text.js", "import { mark } from '../mark.mjs';\nexport const t = s => s + mark;\n");
    write("mark.mjs", "export const mark = '!';\n");

    try (WasmFunction function =
        deploy(
            """
            import { t } from './lib/text.js';
            import { Reject } from 'millrace';
            export const handle = (event) => t(event.text());
            """)) {
      assertEquals("hi!", Guests.reply(function.invoke(Guests.event("hi"))));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "./gone.js      | which is not there",
        "lodash         | only 'millrace' and relative files can be imported",
        "millrace:host  | only 'millrace' and relative files can be imported",
        "../secret.js   | outside the script's directory",
        "./link.js      | which is not there",
        "./a/../../x.js | outside the script's directory"
      })
  void noOtherFileCanBeImported(String name, String reason) throws IOException {
    Path outside = directory.resolve("secret.js");
    Files.writeString(outside, "export default 1;\n");
    Path inside = Files.createDirectories(directory.resolve("functions"));
    Files.createSymbolicLink(inside.resolve("link.js"), outside);
    Path script = inside.resolve("handler.js");
    Files.writeString(script, "import x from '" + name + "';\nexport const handle = () => x;\n");

    DeployException refused =
        assertThrows(DeployException.class, () -> engine.deploy(spec(Program.script(script))));

    assertTrue(refused.getMessage().contains("'" + name + "'"), refused.getMessage());
    assertTrue(refused.getMessage().contains(reason), refused.getMessage());
  }

  @Test
  void aVersionStandsForTheScriptAndItsImports() throws DeployException {
    write("part.js", "export const part = 1;\n");
    FunctionSpec spec =
        spec("import { part } from './part.js';\nexport const handle = () => part;\n");
    try (WasmFunction function = engine.deploy(spec)) {
      String before = function.version();
      String module = function.module();
      function.swap(spec);
      assertEquals(before, function.version());

      write("part.js", "export const part = 2;\n");
      function.swap(spec);

      assertNotEquals(before, function.version());
      assertNotEquals(module, function.module());
      assertEquals("2", Guests.reply(function.invoke(Guests.event("x"))));
    }
  }

  @Test
  void itsFilesAreTheScriptAndItsImports() {
    write("part.js", "import './deep/more.js';\n");
    write("deep/more.js", "import '../part.js';\n");
    FunctionSpec spec = spec("import './part.js';\nimport './gone.js';\n");

    assertEquals(
        List.of("handler.js", "part.js", "deep/more.js"),
        spec.program().files().stream()
            .map(file -> directory.relativize(file).toString())
            .toList());
  }

  @ParameterizedTest
  @EnumSource
  void whatAScriptThrowsFailsTheAttemptWithItsStack(InstanceMode mode) throws DeployException {
    String script =
        """
            let calls = 0;
            export function handle(event) {
              if (event.text() === 'bad') deep(calls++);
              return String(calls);
            }
            function deep() { throw new RangeError('far too deep'); }
            """;
    try (WasmFunction function = engine.deploy(Guests.with(spec(script), mode))) {
      Outcome.Failed failed = failed(function.invoke(Guests.event("bad")));

      assertEquals(FailureKind.EXIT_CODE, failed.kind());
      assertTrue(failed.error().contains("RangeError: far too deep"), failed.error());
      assertTrue(failed.error().contains("at deep (handler.js:6)"), failed.error());
      assertTrue(failed.error().contains("at handle (handler.js:3)"), failed.error());
      assertEquals("0", Guests.reply(function.invoke(Guests.event("good"))));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "throw 'a text'                                  | a text",
        "throw undefined                                 | undefined",
        "throw { toString() { throw 1; } }               | ended with exit code 1",
        "return Promise.reject(new Error('later'))       | Error: later",
        "Promise.reject(new Error('let go')); return 1   | Error: let go",
        "return new Promise(() => {})                    | is never settled",
        "return () => 1                                  | a function cannot be written as JSON",
        "const a = {}; a.a = a; return a                 | circular reference",
        "event.json()                                    | the event's data is not JSON"
      })
  void whateverGoesWrongIsSaid(String body, String reason) throws DeployException {
    try (WasmFunction function = deploy("export function handle(event) { " + body + "; }")) {
      Outcome.Failed failed = failed(function.invoke(Guests.event("x")));

      assertTrue(failed.error().contains(reason), failed.error());
      assertTrue(
          failed.kind() == FailureKind.EXIT_CODE || failed.kind() == FailureKind.REJECTED,
          failed::toString);
    }
  }

  @Test
  void aRejectionThatIsHandledInTimeIsNone() throws DeployException {
    try (WasmFunction function =
        deploy(
            """
            export async function handle() {
              const lost = Promise.reject(new Error('caught'));
              try { await lost; } catch (error) { return error.message; }
            }
            """)) {
      assertEquals("caught", Guests.reply(function.invoke(Guests.event("x"))));
    }
  }

  @Test
  void aScriptAsksForARetryOrRejects() throws DeployException {
    try (WasmFunction function =
        deploy(
            """
            import { Retry, Reject } from 'millrace';
            export async function handle(event) {
              if (event.text() === 'later') throw new Retry('busy', 1500);
              if (event.text() === 'again') throw new Retry('try again');
              throw new Reject('€'.repeat(3000));
            }
            """)) {
      Outcome.Failed later = failed(function.invoke(Guests.event("later")));
      assertEquals(FailureKind.RETRY_REQUESTED, later.kind());
      assertTrue(later.error().endsWith(": busy"), later.error());
      assertEquals(Optional.of(Duration.ofMillis(1500)), later.retryAfter());
      Outcome.Failed again = failed(function.invoke(Guests.event("again")));
      assertEquals(Optional.empty(), again.retryAfter());
      Outcome.Failed never = failed(function.invoke(Guests.event("never")));
      assertEquals(FailureKind.REJECTED, never.kind());
      assertTrue(never.error().endsWith("€€…"), never.error());
    }
  }

  @Test
  void anInterpretedFunctionIsWarnedOfNoGrantThatItsScriptMayNotNeed() {
    Inspection inspection = engine.inspect(spec("export const handle = () => 1;\n"));

    assertTrue(inspection.ok(), inspection::toString);
    assertEquals(List.of(), inspection.warnings());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "for (;;) {}",
        "while (true) { try { throw 1; } catch {} }",
        "const again = () => Promise.resolve().then(again); again()",
        "/^(a+)+$/.test('a'.repeat(60) + 'b')",
        "'x'.repeat(100000).replace(/x*y/g, '')",
        "new Array(1e9).join('x').length",
        "crypto.getRandomValues(new Uint8Array(1 << 20)); for (;;) Math.random()",
        "Array.from({ length: 1e12 }, () => 1)"
      })
  void aScriptThatDoesNotEndIsStopped(String body) throws DeployException {
    FunctionSpec spec = spec("export function handle(event) { " + ifBad(body) + " }\n");
    try (WasmFunction function = engine.deploy(Guests.withTimeout(spec, Duration.ofSeconds(1)))) {
      long began = System.nanoTime();
      Outcome.Failed failed = failed(function.invoke(Guests.event("bad")));

      assertTrue(
          Set.of(FailureKind.TIMEOUT, FailureKind.MEMORY_LIMIT, FailureKind.EXIT_CODE)
              .contains(failed.kind()),
          failed::toString);
      assertTrue(System.nanoTime() - began < Duration.ofSeconds(5).toNanos());
      assertEquals("good", Guests.reply(function.invoke(Guests.event("good"))));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "const all = []; for (;;) all.push(new Uint8Array(65536))",
        "const all = []; for (;;) all.push({})",
        "let s = 'x'; for (;;) s += s",
        "let s = 'x'; for (;;) s = [s, s].map(String).join(s)"
      })
  void aScriptThatWantsTooMuchMemoryIsToldSo(String body) throws DeployException {
    try (WasmFunction function =
        deploy("export function handle(event) { " + ifBad(body) + " }\n")) {
      Outcome.Failed failed = failed(function.invoke(Guests.event("bad")));

      assertTrue(
          failed.kind() == FailureKind.MEMORY_LIMIT || failed.error().contains("string length"),
          failed::toString);
      assertEquals("good", Guests.reply(function.invoke(Guests.event("good"))));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "const f = () => 1 + f(); f()",
        "class A { get a() { return this.a; } } new A().a",
        "let deep = []; for (let i = 0; i < 1e5; i++) deep = [deep]; JSON.stringify(deep)",
        "JSON.parse('['.repeat(100000))",
        "eval('('.repeat(100000))",
        "new RegExp('('.repeat(100000))",
        "const f = () => [1, 2].sort(f); f()"
      })
  void endlessRecursionFailsTheAttemptAndNoMore(String body) throws Exception {
    try (WasmFunction function =
        deploy("export function handle(event) { " + ifBad(body) + " }\n")) {
      Outcome.Failed failed = failed(onWorkerStack(() -> function.invoke(Guests.event("bad"))));

      assertTrue(
          failed.error().contains("InternalError: stack overflow")
              || failed.error().contains("SyntaxError")
              || failed.error().contains("call stack exhausted"),
          failed::toString);
      assertEquals("good", Guests.reply(function.invoke(Guests.event("good"))));
    }
  }

  @Test
  void aScriptMayRecurseAndCatchItsOverflow() throws Exception {
    try (WasmFunction function =
        deploy(
            """
            let depth = 0;
            const dive = () => { depth++; dive(); };
            export function handle(event) {
              try { dive(); } catch (error) { return `${depth} ${error.message}`; }
            }
            """)) {
      Invocation.Result result = onWorkerStack(() -> function.invoke(Guests.event("x")));

      String reply = Guests.reply(result);
      assertTrue(reply.endsWith(" stack overflow"), reply);
      assertTrue(Integer.parseInt(reply.substring(0, reply.indexOf(' '))) >= 500, reply);
    }
  }

  @Test
  void aScriptSeesNothingOfTheWorkersMachine() throws DeployException {
    try (WasmFunction function =
        deploy(
            "export const handle = () => [typeof process, typeof require, typeof std, typeof os,"
                + " new Date().getTimezoneOffset()].join();\n")) {
      assertEquals(
          "undefined,undefined,undefined,undefined,0",
          Guests.reply(function.invoke(Guests.event("x"))));
    }
  }

  @Test
  void aScriptStartsWithTwoMebibytes() throws DeployException {
    FunctionSpec spec = spec("export const handle = (event) => event.text();");
    Limits small = new Limits(Duration.ofSeconds(20), 2 << 20, 1 << 20, 1 << 20, 4096);
    try (WasmFunction function = engine.deploy(Guests.with(spec, small))) {
      assertEquals("x", Guests.reply(function.invoke(Guests.event("x"))));
    }
  }

  @Test
  void bytesComeAndGoAsTheyAre() throws DeployException {
    byte[] all = new byte[256];
    for (int i = 0; i < all.length; i++) {
      all[i] = (byte) i;
    }
    try (WasmFunction function = deploy("export const handle = (event) => event.data;\n")) {
      Invocation.Result result =
          function.invoke(Guests.event(DetachedEvent.of("i", "s", "t", Guests.NOON, all)));

      assertArrayEquals(all, succeeded(result).reply());
    }
  }

  private static String ifBad(String body) {
    return "if (event.text() === 'bad') { " + body + "; } return event.text();";
  }

  /** Runs on a stack as small as that of a worker's threads. */
  private static Invocation.Result onWorkerStack(Callable<Invocation.Result> call)
      throws Exception {
    FutureTask<Invocation.Result> task = new FutureTask<>(call);
    new Thread(null, task, "small stack", 2 << 20).start();
    return task.get();
  }

  private WasmFunction deploy(String script) throws DeployException {
    return engine.deploy(spec(script));
  }

  private String refused(String script) {
    return assertThrows(DeployException.class, () -> deploy(script)).getMessage();
  }

  private FunctionSpec spec(String script) {
    return spec(Program.script(write("handler.js", script)));
  }

  private static FunctionSpec spec(Program program) {
    return new FunctionSpec(
        "scripted",
        program,
        AbiSpec.AUTO,
        new Limits(Duration.ofSeconds(20), 16 << 20, 1 << 20, 1 << 20, 4096),
        InstanceMode.FRESH,
        1,
        Map.of(),
        Map.of(),
        Grants.NONE);
  }

  private Path write(String name, String text) {
    try {
      Path file = directory.resolve(name);
      Files.createDirectories(file.getParent());
      return Files.writeString(file, text, UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Outcome.Succeeded succeeded(Invocation.Result result) {
    return assertInstanceOf(Outcome.Succeeded.class, result.outcome(), result::toString);
  }

  private static Outcome.Failed failed(Invocation.Result result) {
    return assertInstanceOf(Outcome.Failed.class, result.outcome(), result::toString);
  }
}
