package dev.millrace.worker.wasm.abi;

import static dev.millrace.worker.wasm.Guests.event;
import static dev.millrace.worker.wasm.Guests.failure;
import static dev.millrace.worker.wasm.Guests.spec;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.abi.Header;
import dev.millrace.triggers.FailureKind;
import dev.millrace.worker.dispatch.Invocation;
import dev.millrace.worker.dispatch.Outcome;
import dev.millrace.worker.wasm.DeployException;
import dev.millrace.worker.wasm.Guests;
import dev.millrace.worker.wasm.inspection.Inspection;
import dev.millrace.worker.wasm.spec.FunctionSpec.AbiKind;
import dev.millrace.worker.wasm.spec.FunctionSpec.InstanceMode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Functions for Camel's wasm component, unmodified. */
class CamelTest extends GuestContract {

  CamelTest() {
    super(spec("camel"));
  }

  /** A function for Camel can only say that something went wrong. */
  @Override
  FailureKind never() {
    return FailureKind.RETRY_REQUESTED;
  }

  @Test
  void isKnownByItsExports() {
    Inspection inspection = engine().inspect(contract());

    assertEquals(Optional.of(AbiKind.CAMEL), inspection.abi());
    assertEquals(
        "the module exports 'alloc', 'dealloc' and a function (i32, i32) -> (i64), as functions for"
            + " Camel do",
        inspection.abiReason());
    assertEquals(Optional.of("process"), inspection.export());
  }

  @Test
  void headersThatTheFunctionSetGoWithTheReply() throws DeployException {
    Outcome.Succeeded done = succeeded(deploy(InstanceMode.FRESH).invoke(event("H")));

    assertArrayEquals(bytesOf("x"), done.reply());
    assertEquals(List.of("a", "n"), done.replyHeaders().stream().map(Header::name).toList());
    assertArrayEquals(bytesOf("7"), done.replyHeaders().get(1).value());
  }

  @Test
  void headersOfTheEventComeBackAndThoseOfTheHostDoNot() throws DeployException {
    DetachedEvent event =
        new DetachedEvent(
            "id-1",
            "test:source",
            "test.type",
            Optional.empty(),
            Guests.NOON,
            Optional.empty(),
            Optional.empty(),
            Map.of("kafkatopic", "orders", "kafkaoffset", "9"),
            bytesOf("k"),
            List.of(new Header("tenant", bytesOf("7"))),
            bytesOf("D"));

    Outcome.Succeeded done = succeeded(deploy(InstanceMode.FRESH).invoke(event(event)));

    assertEquals(List.of("tenant"), done.replyHeaders().stream().map(Header::name).toList());
    Map<String, String> given = CamelEnvelope.of(new Invocation(event, "t", 1), "f").headers();
    assertEquals("orders", given.get("kafka.TOPIC"));
    assertEquals("9", given.get("kafka.OFFSET"));
    assertEquals("k", given.get("kafka.KEY"));
    assertEquals("id-1", given.get("ce-id"));
    assertEquals("7", given.get("tenant"));
  }

  @Test
  void anEventWithoutDataHasNoBodyAndNeitherHasItsAnswer() throws DeployException {
    assertNull(succeeded(deploy(InstanceMode.FRESH).invoke(event(bytes(null)))).reply());
  }

  @Test
  void anAnswerOutsideTheMemoryBreaksTheContract() throws DeployException {
    String error =
        failure(FailureKind.BROKEN_CONTRACT, deploy(InstanceMode.FRESH).invoke(event("~"))).error();

    assertTrue(error.contains("back from 'process' with pointer 2147483632 and length 100"), error);
  }

  @Test
  void whatIsNoEnvelopeIsAnExpressionsResult() {
    for (String text :
        List.of(
            "",
            "HELLO",
            "7",
            "[]",
            "{}",
            "{\"body\":7}",
            "{\"body\":\"eA==\",\"x\":1}",
            "{\"headers\":[]}",
            "{\"body\":\"no base64!\"}")) {
      assertEquals(Optional.empty(), CamelEnvelope.decode(bytesOf(text)), text);
    }
    assertTrue(CamelEnvelope.decode(bytesOf("{\"body\":\"eA==\"}")).isPresent());
  }

  private static Outcome.Succeeded succeeded(Invocation.Result result) {
    return assertInstanceOf(Outcome.Succeeded.class, result.outcome(), () -> result.toString());
  }

  private static byte[] bytesOf(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
