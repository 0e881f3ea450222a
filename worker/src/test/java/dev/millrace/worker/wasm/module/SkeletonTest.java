package dev.millrace.worker.wasm.module;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import dev.millrace.worker.wasm.Guests;
import java.nio.file.Files;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a skeleton keeps of a module. */
class SkeletonTest {

  @ParameterizedTest
  @ValueSource(strings = {"echo", "host-calls", "table-grow", "program", "trap-divide"})
  void keepsAllButTheInstructions(String guest) throws Exception {
    byte[] bytes = Files.readAllBytes(Guests.file(guest));
    WasmModule whole = Parser.parse(bytes);

    WasmModule skeleton = Skeleton.parse(bytes);

    assertEquals(skeleton, Skeleton.of(whole));
    assertEquals(
        whole.codeSection().functionBodyCount(), skeleton.codeSection().functionBodyCount());
    assertEquals(whole.importSection().importCount(), skeleton.importSection().importCount());
    assertEquals(whole.exportSection().exportCount(), skeleton.exportSection().exportCount());
    assertEquals(whole.tableSection().tableCount(), skeleton.tableSection().tableCount());
    assertEquals(whole.globalSection().globalCount(), skeleton.globalSection().globalCount());
    assertEquals(whole.elementSection().elementCount(), skeleton.elementSection().elementCount());
    assertEquals(whole.dataSection().dataSegmentCount(), skeleton.dataSection().dataSegmentCount());
    for (int i = 0; i < skeleton.codeSection().functionBodyCount(); i++) {
      assertTrue(skeleton.codeSection().getFunctionBody(i).instructions().isEmpty());
    }
  }
}
