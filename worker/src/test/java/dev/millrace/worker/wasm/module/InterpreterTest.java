package dev.millrace.worker.wasm.module;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.TrapException;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What an interpreted guest leaves behind. */
class InterpreterTest {

  @Test
  void operandsOfAGuestThatTrapsDoNotPileUp() {
    // (func (export "f") (result i32) i32.const 7 unreachable)
    String module = "0061736d01000000" + "0105016000017f" + "03020100" + "0705010166" + "0000";
    WasmModule parsed =
        Parser.parse(HexFormat.of().parseHex(module + "0a0701" + "05" + "00410700" + "0b"));
    List<Interpreter> made = new ArrayList<>();
    Instance instance =
        Instance.builder(parsed)
            .withMachineFactory(
                owner -> {
                  made.add(new Interpreter(owner));
                  return made.getFirst();
                })
            .build();

    assertThrows(TrapException.class, () -> instance.export("f").apply());

    assertEquals(0, made.getFirst().operands());
  }
}
