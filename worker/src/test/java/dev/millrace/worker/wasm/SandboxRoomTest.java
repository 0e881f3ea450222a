package dev.millrace.worker.wasm;

import static dev.millrace.worker.wasm.Guests.event;
import static dev.millrace.worker.wasm.Guests.spec;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Idle sandboxes are let go when there are too many. */
class SandboxRoomTest {

  private final List<Duration> swept = new ArrayList<>();
  private final SandboxRoom room = new SandboxRoom(100, swept::add);

  @Test
  void withinTheBoundNothingIsLetGo() {
    room.take(60);
    room.take(40);

    assertEquals(List.of(), swept);
    assertFalse(room.scarce());
  }

  @Test
  void beyondTheBoundWhatHasBeenIdleForAWhileIsLetGo() {
    room.take(101);

    assertEquals(List.of(Duration.ofSeconds(1)), swept);
    assertTrue(room.scarce());
  }

  @Test
  void farBeyondTheBoundAllThatIsIdleIsLetGo() {
    room.take(150);
    room.take(51);

    assertEquals(Duration.ZERO, swept.getLast());
  }

  @Test
  void whatIsGivenBackCanBeTakenAgain() {
    room.take(100);
    room.giveBack(100);
    room.take(100);

    assertEquals(List.of(), swept);
  }

  @Test
  void aClosedFunctionHoldsNothing() throws Exception {
    try (Engine engine = Engine.open(EngineOptions.defaults())) {
      for (String guest : List.of("echo", "trap", "throw", "table-grow")) {
        WasmFunction function = engine.deploy(spec(guest));
        assertTrue(engine.room().heldBytes() > 0, guest);
        function.invoke(event("x"));
        function.invoke(event("y"));

        function.close();

        assertEquals(0, engine.room().heldBytes(), guest);
      }
    }
  }
}
