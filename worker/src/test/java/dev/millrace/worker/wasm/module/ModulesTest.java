package dev.millrace.worker.wasm.module;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import dev.millrace.worker.wasm.Guests;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Modules are loaded once for all functions that run them, and hold no more than is needed. */
class ModulesTest {

  /** A module that exports {@code answer() -> 42} and imports nothing. */
  private static final byte[] ANSWER =
      HexFormat.of()
          .parseHex(
              "0061736d01000000"
                  + "010501"
                  + "60"
                  + "00017f"
                  + "03020100"
                  + "070a0106616e737765720000"
                  + "0a06010400412a0b");

  @TempDir private Path directory;
  private final AtomicLong now = new AtomicLong();

  private Modules modules(Optional<CompileCache> cache) {
    return new Modules(cache, now::get);
  }

  @Test
  void theSameBytesAreLoadedOnce() throws Exception {
    Modules modules = modules(Optional.empty());
    LoadedModule first = load(modules, Execution.COMPILER);

    assertSame(first, load(modules, Execution.COMPILER));
  }

  @Test
  void anInterpretedModuleIsAnotherOne() throws Exception {
    Modules modules = modules(Optional.empty());
    LoadedModule compiled = load(modules, Execution.COMPILER);

    LoadedModule interpreted = load(modules, Execution.INTERPRETER);

    assertNotSame(compiled, interpreted);
    assertTrue(instructions(interpreted.module()) > 0, "the interpreter needs the bodies");
  }

  @Test
  void aCompiledModuleHoldsNoBodies() throws Exception {
    Modules modules = modules(Optional.of(CompileCache.in(directory)));
    int functions = Parser.parse(bytes()).codeSection().functionBodyCount();

    LoadedModule compiled = load(modules, Execution.COMPILER);
    LoadedModule cached =
        load(modules(Optional.of(CompileCache.in(directory))), Execution.COMPILER);

    for (LoadedModule module : new LoadedModule[] {compiled, cached}) {
      assertEquals(functions, module.module().codeSection().functionBodyCount());
      assertEquals(0, instructions(module.module()));
    }
    assertEquals(compiled.module(), cached.module());
    assertEquals(compiled.scan(), cached.scan());
  }

  @Test
  void codeThatNobodyUsesLeavesTheMemory() throws Exception {
    LoadedModule module =
        modules(Optional.empty()).open("answer.wasm", ANSWER, Execution.COMPILER).load();
    module.enter();
    WeakReference<Class<?>> code = new WeakReference<>(instance(module).getMachine().getClass());
    now.set(10);
    assertFalse(module.letCodeGo(now.get(), 5), "somebody may make another instance");

    module.leave(now.get());
    assertFalse(module.letCodeGo(14, 5), "it was used a moment ago");
    assertTrue(module.letCodeGo(15, 5));

    await()
        .until(
            () -> {
              System.gc();
              return code.refersTo(null);
            });
    module.enter();
    assertEquals(42, instance(module).export("answer").apply()[0]);
  }

  private static Instance instance(LoadedModule module) {
    return Instance.builder(module.module()).withMachineFactory(module::machine).build();
  }

  @Test
  void classFilesAreReadAsTheyWereWritten() throws Exception {
    WasmModule module = Parser.parse(bytes());
    ClassFiles written = ClassFiles.compile(module, InstructionScan.of(module));

    ClassFiles read = ClassFiles.decode(written.encode());

    assertEquals(written.main(), read.main());
    assertEquals(written.scan(), read.scan());
    assertEquals(written.packed().keySet(), read.packed().keySet());
    CodeLoader.machines(read);
  }

  @Test
  void classFilesThatEndEarlyAreRefused() throws Exception {
    WasmModule module = Parser.parse(bytes());
    byte[] encoded = ClassFiles.compile(module, InstructionScan.of(module)).encode();

    for (int length : new int[] {0, 4, 40, encoded.length - 1}) {
      byte[] cut = Arrays.copyOf(encoded, length);
      assertThrows(IOException.class, () -> ClassFiles.decode(cut), () -> length + " bytes");
    }
  }

  private static LoadedModule load(Modules modules, Execution execution) throws Exception {
    return modules.open("echo.wasm", bytes(), execution).load();
  }

  private static int instructions(WasmModule module) {
    return IntStream.range(0, module.codeSection().functionBodyCount())
        .map(i -> module.codeSection().getFunctionBody(i).instructions().size())
        .sum();
  }

  private static byte[] bytes() throws IOException {
    return Files.readAllBytes(Guests.file("echo"));
  }
}
