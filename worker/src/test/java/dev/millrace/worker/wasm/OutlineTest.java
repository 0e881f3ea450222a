package dev.millrace.worker.wasm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import java.nio.file.Files;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an outline keeps of a module. */
class OutlineTest {

  @ParameterizedTest
  @ValueSource(strings = {"echo", "host-calls", "table-grow", "program", "trap-divide"})
  void keepsAllButTheInstructions(String guest) throws Exception {
    byte[] bytes = Files.readAllBytes(Guests.file(guest));
    WasmModule whole = Parser.parse(bytes);

    WasmModule outline = Parser.parse(Outline.of(bytes));

    assertEquals(
        whole.codeSection().functionBodyCount(), outline.codeSection().functionBodyCount());
    assertEquals(whole.importSection().importCount(), outline.importSection().importCount());
    assertEquals(whole.exportSection().exportCount(), outline.exportSection().exportCount());
    assertEquals(whole.tableSection().tableCount(), outline.tableSection().tableCount());
    assertEquals(whole.globalSection().globalCount(), outline.globalSection().globalCount());
    assertEquals(whole.elementSection().elementCount(), outline.elementSection().elementCount());
    assertEquals(whole.dataSection().dataSegmentCount(), outline.dataSection().dataSegmentCount());
    for (int i = 0; i < outline.codeSection().functionBodyCount(); i++) {
      assertTrue(outline.codeSection().getFunctionBody(i).instructions().size() <= 2);
    }
  }
}
