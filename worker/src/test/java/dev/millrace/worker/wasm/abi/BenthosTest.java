package dev.millrace.worker.wasm.abi;

import static dev.millrace.worker.wasm.Guests.event;
import static dev.millrace.worker.wasm.Guests.failure;
import static dev.millrace.worker.wasm.Guests.spec;
import static dev.millrace.worker.wasm.Guests.with;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.abi.Header;
import dev.millrace.triggers.FailureKind;
import dev.millrace.worker.dispatch.Outcome;
import dev.millrace.worker.wasm.DeployException;
import dev.millrace.worker.wasm.Guests;
import dev.millrace.worker.wasm.inspection.Inspection;
import dev.millrace.worker.wasm.spec.AbiSpec;
import dev.millrace.worker.wasm.spec.FunctionSpec.AbiKind;
import dev.millrace.worker.wasm.spec.FunctionSpec.InstanceMode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Processors for Redpanda Connect, unmodified. */
class BenthosTest extends GuestContract {

  BenthosTest() {
    super(spec("benthos"));
  }

  @Test
  void isKnownByItsImports() {
    Inspection inspection = engine().inspect(contract());

    assertEquals(Optional.of(AbiKind.BENTHOS), inspection.abi());
    assertEquals(
        "the module imports from 'benthos_wasm', as processors for Redpanda Connect do",
        inspection.abiReason());
    assertEquals(Optional.of("process"), inspection.export());
  }

  @Test
  void aFunctionThatIsNotThereIsRefused() {
    assertEquals(
        List.of(
            "the module does not export 'other' () -> (); export it, or set 'abi:' to what the"
                + " module is"),
        engine().inspect(with(contract(), AbiSpec.AUTO.withExport("other"))).problems());
  }

  @Test
  void aMessageThatIsNotChangedIsTheAnswer() throws DeployException {
    assertEquals("untouched", text(deploy(InstanceMode.FRESH).invoke(event("untouched"))));
  }

  @Test
  void metadataSaysWhereTheMessageIsFrom() throws DeployException {
    assertEquals("orders", text(deploy(InstanceMode.FRESH).invoke(event(record("G")))));
  }

  @Test
  void metadataThatWasSetGoesWithTheReply() throws DeployException {
    Outcome.Succeeded done =
        assertInstanceOf(
            Outcome.Succeeded.class,
            deploy(InstanceMode.FRESH).invoke(event(record("S"))).outcome());

    assertEquals(
        List.of("tenant", "trace"), done.replyHeaders().stream().map(Header::name).toList());
    assertArrayEquals("later".getBytes(StandardCharsets.UTF_8), done.replyHeaders().get(1).value());
  }

  @Test
  void bytesOutsideTheMemoryBreakTheContract() throws DeployException {
    failure(FailureKind.BROKEN_CONTRACT, deploy(InstanceMode.FRESH).invoke(event("W")));
  }

  private static DetachedEvent record(String data) {
    return new DetachedEvent(
        "id-1",
        "test:source",
        "test.type",
        Optional.empty(),
        Guests.NOON,
        Optional.empty(),
        Optional.empty(),
        Map.of("kafkatopic", "orders"),
        null,
        List.of(new Header("tenant", new byte[] {'7'})),
        data.getBytes(StandardCharsets.UTF_8));
  }
}
