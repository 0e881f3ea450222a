package dev.millrace.worker.wasm;

import static dev.millrace.worker.wasm.Guests.failure;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.triggers.FailureKind;
import dev.millrace.worker.wasm.spec.FunctionSpec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Functions with {@code engine: interpreter}. */
class InterpretedFunctionTest {

  private final Engine engine = Engine.open(EngineOptions.defaults());

  @TempDir private Path directory;

  @AfterEach
  void close() {
    engine.close();
  }

  @Test
  void answersAsTheCompiledModuleDoes() throws DeployException {
    WasmFunction function = engine.deploy(Guests.interpreted(Guests.spec("echo")));

    assertEquals("hello", Guests.reply(function.invoke(Guests.event("hello"))));
    assertEquals("again", Guests.reply(function.invoke(Guests.event("again"))));
    assertNotEquals(engine.deploy(Guests.spec("echo")).version(), function.version());
  }

  @ParameterizedTest
  @ValueSource(strings = {"loop-br", "loop-br-if", "loop-br-table", "loop-calls", "loop-fill"})
  @Timeout(60)
  void theDeadlineEndsEveryLoop(String guest) throws DeployException {
    WasmFunction function =
        engine.deploy(
            Guests.interpreted(Guests.withTimeout(Guests.spec(guest), Duration.ofMillis(300))));

    failure(FailureKind.TIMEOUT, function.invoke(Guests.event("")));

    assertFalse(Thread.currentThread().isInterrupted());
    failure(FailureKind.TIMEOUT, function.invoke(Guests.event("")));
  }

  @Test
  void trapsAndHostCallsAreTheSame() throws DeployException {
    WasmFunction traps = engine.deploy(Guests.interpreted(Guests.spec("trap-divide")));
    failure(FailureKind.TRAP, traps.invoke(Guests.event("")));

    WasmFunction calls = engine.deploy(Guests.interpreted(Guests.spec("host-calls")));
    failure(
        FailureKind.BROKEN_CONTRACT,
        calls.invoke(HostCalls.of(engine).call("data_read", 65536, 1, 0).event()));
  }

  @Test
  void runsWhatCannotBeCompiledAndIsSuggestedForIt() throws Exception {
    FunctionSpec spec = Guests.spec("large", largeFunction());

    DeployException refused = assertThrows(DeployException.class, () -> engine.deploy(spec));
    assertTrue(
        refused
            .getMessage()
            .contains("It may run with 'engine: interpreter', 70 to 110 times slower"),
        refused::getMessage);
    WasmFunction function = engine.deploy(Guests.interpreted(spec));
    Guests.failure(FailureKind.REJECTED, function.invoke(Guests.event("")));
  }

  /** A module whose {@code handle} is too large for a Java method, and answers 2. */
  private Path largeFunction() throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.write(0); // no locals
    for (int i = 0; i < 60_000; i++) {
      body.writeBytes(new byte[] {0x41, 7, 0x1a}); // i32.const 7, drop
    }
    body.writeBytes(new byte[] {0x41, 2, 0x0b}); // i32.const 2, end
    ByteArrayOutputStream code = new ByteArrayOutputStream();
    code.write(1);
    code.writeBytes(leb(body.size()));
    code.writeBytes(body.toByteArray());
    ByteArrayOutputStream module = new ByteArrayOutputStream();
    module.writeBytes(
        HexFormat.of().parseHex("0061736d01000000" + "010501600001" + "7f" + "03020100"));
    module.writeBytes(HexFormat.of().parseHex("070a010668616e646c650000"));
    module.write(0x0a);
    module.writeBytes(leb(code.size()));
    module.writeBytes(code.toByteArray());
    return Files.write(directory.resolve("large.wasm"), module.toByteArray());
  }

  private static byte[] leb(int value) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    int rest = value;
    while (rest > 0x7f) {
      bytes.write((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    bytes.write(rest);
    return bytes.toByteArray();
  }
}
