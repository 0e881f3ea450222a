package dev.millrace.worker.wasm;

import static dev.millrace.worker.wasm.Guests.spec;
import static dev.millrace.worker.wasm.Guests.with;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.worker.wasm.inspection.Inspection;
import dev.millrace.worker.wasm.module.ModuleShape;
import dev.millrace.worker.wasm.spec.AbiSpec;
import dev.millrace.worker.wasm.spec.FunctionSpec;
import dev.millrace.worker.wasm.spec.FunctionSpec.AbiKind;
import dev.millrace.worker.wasm.spec.FunctionSpec.InstanceMode;
import dev.millrace.worker.wasm.spec.Grants;
import dev.millrace.worker.wasm.spec.HttpOrigin;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is refused, and what a look at a module tells. Refusals are the same for both. */
class DeployTest {

  private final Engine engine = Engine.open(EngineOptions.defaults());

  @TempDir private Path directory;

  @AfterEach
  void close() {
    engine.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "simd|the module uses SIMD (v128), which the compiler does not support; build it without"
            + " (Rust: -C target-feature=-simd128, clang: -mno-simd128)",
        "no-export|the module exports neither '_start' (a WASI program) nor 'handle' (the millrace"
            + " ABI)",
        "wrong-handle|the module exports 'handle' as function (i32) -> (i32), but it must be a"
            + " function () -> (i32)",
        "unknown-import|the module imports function env.emscripten_notify, memory env.memory,"
            + " function millrace.kv_scan, which the host does not provide; only functions of"
            + " 'wasi_snapshot_preview1' and 'millrace' can be imported",
        "wrong-import|the module imports millrace.retry_after as (i32) -> (), but it is (i64) ->"
            + " (); correct its declaration in the guest",
        "memory-huge|the module starts with 67108864 bytes of memory, more than limits.memory"
            + " 4194304; raise the limit or build it with a smaller initial memory",
        "table-huge|the module declares 1 tables with 2000000 entries; at most 100 tables with"
            + " 1000000 entries in all are run"
      })
  void whatCannotRunIsRefusedWithASentence(String guest, String problem) {
    assertRefused(spec(guest), problem);
  }

  @Test
  void aMissingExportOfTheDeclaredAbiIsRefused() {
    assertRefused(
        with(spec("echo"), AbiKind.COMMAND),
        "the module does not export '_start' () -> (); export it, or set 'abi:' to what the module"
            + " is");
  }

  @Test
  void reuseIsRefusedForPrograms() {
    assertRefused(
        with(spec("program"), InstanceMode.REUSE),
        "'instance: reuse' is not possible with the command ABI: a program's _start expects memory"
            + " as it was built; remove it, or export 'handle' (the millrace ABI)");
  }

  @Test
  void anotherFunctionIsRefusedWhereTheAbiFixesItsName() {
    assertRefused(
        with(spec("echo"), AbiSpec.AUTO.withExport("run")),
        "'export: run' is not possible with this ABI, which calls 'handle'; remove it");
    assertRefused(
        with(spec("program"), AbiSpec.AUTO.withExport("run")),
        "'export: run' is not possible with this ABI, which calls '_start'; remove it");
  }

  @Test
  void configurationKeysThatShareAVariableAreRefused() {
    assertRefused(
        Guests.withConfig(spec("program"), Map.of("api-key", "1"), Map.of("api_key", "2")),
        "the config keys 'api-key' and 'api_key' become the same environment variable; rename one");
  }

  @Test
  void allProblemsAreToldAtOnce() {
    FunctionSpec spec = with(with(spec("unknown-import"), AbiKind.COMMAND), InstanceMode.REUSE);

    assertEquals(3, engine.inspect(spec).problems().size());
  }

  @Test
  void aComponentIsRecognised() throws IOException {
    Path file = file("component", HexFormat.of().parseHex("0061736d0d000100"));

    assertRefused(
        spec("f", file),
        file
            + " is a WebAssembly component, which is not supported; build a core module, for"
            + " example for wasm32-wasip1 (wasm32-wasi)");
  }

  @Test
  void anotherVersionIsRefused() throws IOException {
    Path file = file("version", HexFormat.of().parseHex("0061736d02000000"));

    assertRefused(
        spec("f", file),
        file + " has the unknown WebAssembly version 02 00 00 00; only version 1 is supported");
  }

  @Test
  void garbageIsRefused() throws IOException {
    Path file = file("garbage", "#!/bin/sh\necho hello\n".getBytes(StandardCharsets.UTF_8));

    assertRefused(
        spec("f", file),
        file + " is no WebAssembly module (it starts with 23 21 2f 62, not with 00 61 73 6d)");
  }

  @Test
  void aFileThatDoesNotExistIsRefused() {
    Path file = directory.resolve("missing.wasm");

    assertRefused(spec("f", file), file + " does not exist; build it or correct 'wasm:'");
  }

  @Test
  void aTruncatedFileIsRefusedWhereverItEnds() throws IOException {
    byte[] whole = Files.readAllBytes(Guests.file("program"));
    for (int length = 0; length < whole.length; length += 7) {
      FunctionSpec spec = spec("f", file("truncated-" + length, Arrays.copyOf(whole, length)));

      Inspection inspection = engine.inspect(spec);

      // Behind the code section only names follow, which nothing needs.
      if (!inspection.ok()) {
        assertThrows(DeployException.class, () -> engine.deploy(spec));
      } else {
        assertTrue(length > whole.length / 2, "accepted only " + length + " bytes");
      }
    }
  }

  @Test
  void flippedBytesNeverThrowAnythingElse() throws IOException {
    byte[] whole = Files.readAllBytes(Guests.file("trap"));
    for (int at = 8; at < whole.length; at += 3) {
      byte[] flipped = whole.clone();
      flipped[at] ^= (byte) 0xff;
      FunctionSpec spec = spec("f", file("flipped-" + at, flipped));
      engine.inspect(spec);
      try {
        engine.deploy(spec).close();
      } catch (DeployException e) {
        assertFalse(e.problems().isEmpty());
      }
    }
  }

  @Test
  void theAbiIsChosenByWhatTheModuleImportsAndExports() {
    Inspection program = engine.inspect(spec("program"));
    assertEquals(Optional.of(AbiKind.COMMAND), program.abi());
    assertEquals("the module exports '_start', as WASI programs do", program.abiReason());

    Inspection both = engine.inspect(spec("host-calls"));
    assertEquals(Optional.of(AbiKind.MILLRACE), both.abi());
    assertEquals("the module imports from 'millrace'", both.abiReason());
    Inspection asking = engine.inspect(spec("asking-program"));
    assertEquals(Optional.of(AbiKind.COMMAND), asking.abi());
    assertEquals("the module exports '_start', and no 'handle'", asking.abiReason());

    Inspection handle = engine.inspect(spec("trap-divide"));
    assertEquals(Optional.of(AbiKind.MILLRACE), handle.abi());
    assertEquals("the module exports 'handle'", handle.abiReason());

    assertEquals(
        "the manifest says so", engine.inspect(with(spec("echo"), AbiKind.MILLRACE)).abiReason());
  }

  @Test
  void importingWhatIsNotGrantedIsAWarning() throws DeployException {
    FunctionSpec spec = spec("host-calls");

    assertEquals(
        List.of(
            "the module imports millrace.publish, but the manifest grants no destination; list"
                + " them under allow.publish",
            "the module imports millrace.once, but the manifest does not grant it; write allow:"
                + " { once: true }",
            "the module imports millrace.http, but the manifest grants no origin; list them under"
                + " allow.http",
            "the module imports millrace.kv_get, millrace.kv_set, millrace.kv_delete,"
                + " millrace.kv_compare_and_set, millrace.kv_increment, but the manifest grants no"
                + " key-value store; list them under allow.kv"),
        engine.inspect(spec).warnings());
    Grants grants =
        new Grants(Set.of("a/b"), true)
            .withKeyValues(Set.of("default"))
            .withHttp(Set.of(HttpOrigin.parse("https://a.example", false)));
    assertEquals(List.of(), engine.inspect(Guests.with(spec, grants)).warnings());
    engine.deploy(spec).close();
  }

  @Test
  void aLookTellsImportsExportsAndMemory() {
    Inspection inspection = engine.inspect(spec("echo"));

    assertTrue(inspection.ok());
    assertEquals(
        List.of(
            new ModuleShape.Import(
                "millrace", "data_read", "function", "(i32, i32, i32) -> (i32)", true),
            new ModuleShape.Import(
                "millrace", "reply_write", "function", "(i32, i32) -> (i32)", true)),
        inspection.imports());
    assertEquals(
        List.of(
            new ModuleShape.Export("memory", "memory", ""),
            new ModuleShape.Export("handle", "function", "() -> (i32)")),
        inspection.exports());
    assertEquals(List.of(new ModuleShape.MemoryRange(131072, 4294967296L)), inspection.memories());
  }

  private void assertRefused(FunctionSpec spec, String problem) {
    assertEquals(List.of(problem), engine.inspect(spec).problems());
    DeployException refused = assertThrows(DeployException.class, () -> engine.deploy(spec));
    assertEquals("function '" + spec.name() + "': " + problem, refused.getMessage());
  }

  private Path file(String name, byte[] content) throws IOException {
    return Files.write(directory.resolve(name + ".wasm"), content);
  }
}
