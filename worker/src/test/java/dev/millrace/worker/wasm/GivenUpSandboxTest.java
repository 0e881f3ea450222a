package dev.millrace.worker.wasm;

import static dev.millrace.worker.wasm.Guests.event;
import static dev.millrace.worker.wasm.Guests.failure;
import static dev.millrace.worker.wasm.Guests.replyBytes;
import static dev.millrace.worker.wasm.Guests.spec;
import static dev.millrace.worker.wasm.Guests.withTimeout;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.dylibso.chicory.runtime.Memory;
import com.sun.management.ThreadMXBean;
import dev.millrace.triggers.FailureKind;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A sandbox that is given up leaves its memory's arrays to the next one, and nothing in them. */
class GivenUpSandboxTest {

  private static final int CALLS = 200;

  private final Engine engine = Engine.open(EngineOptions.defaults());

  @AfterEach
  void close() {
    engine.close();
  }

  @Test
  void aGuestThatTrapsDoesNotTakeANewMemoryForEachEvent() throws DeployException {
    assertTrue(allocatedByACall("trap", "!") < Memory.PAGE_SIZE / 2);
  }

  @Test
  void aGuestThatCannotBePutBackDoesNotEither() throws DeployException {
    assertTrue(allocatedByACall("table-grow", "x") < Memory.PAGE_SIZE / 2);
  }

  @Test
  void theNextEventFindsThatMemoryPristine() throws DeployException {
    WasmFunction function = engine.deploy(spec("trap"));

    for (int i = 0; i < 3; i++) {
      failure(FailureKind.TRAP, function.invoke(event("!")));
      assertArrayEquals(new byte[] {'x', 1}, replyBytes(function.invoke(event("x"))));
    }
  }

  @Test
  void whatAnInterruptedGuestWroteIsGoneToo() throws DeployException {
    WasmFunction function = engine.deploy(withTimeout(spec("loop-fill"), Duration.ofMillis(50)));
    failure(FailureKind.TIMEOUT, function.invoke(event("x")));
    long held = engine.room().heldBytes();

    engine.keepHouse();

    assertTrue(held > 0, "what is kept for the next sandbox counts");
    assertEquals(held, engine.room().heldBytes(), "it is not idle for long yet");
    function.close();
    assertEquals(0, engine.room().heldBytes());
  }

  /** Bytes, on average; the guests' memories have one page. */
  private long allocatedByACall(String guest, String data) throws DeployException {
    WasmFunction function = engine.deploy(spec(guest));
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    function.invoke(event(data));
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < CALLS; i++) {
      function.invoke(event(data));
    }
    return (threads.getCurrentThreadAllocatedBytes() - before) / CALLS;
  }
}
