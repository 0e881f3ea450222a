package dev.millrace.worker.wasm.abi;

import static dev.millrace.worker.wasm.Guests.event;
import static dev.millrace.worker.wasm.Guests.failure;
import static dev.millrace.worker.wasm.Guests.spec;
import static dev.millrace.worker.wasm.Guests.withConfig;
import static dev.millrace.worker.wasm.Guests.withPublishTo;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.abi.Header;
import dev.millrace.abi.Message;
import dev.millrace.triggers.FailureKind;
import dev.millrace.worker.dispatch.Invocation;
import dev.millrace.worker.dispatch.Outcome;
import dev.millrace.worker.wasm.DeployException;
import dev.millrace.worker.wasm.Guests;
import dev.millrace.worker.wasm.WasmFunction;
import dev.millrace.worker.wasm.inspection.Inspection;
import dev.millrace.worker.wasm.spec.FunctionSpec;
import dev.millrace.worker.wasm.spec.FunctionSpec.AbiKind;
import dev.millrace.worker.wasm.spec.FunctionSpec.InstanceMode;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Redpanda data transforms, unmodified. */
class RedpandaTest extends GuestContract {

  RedpandaTest() {
    super(spec("redpanda"));
  }

  @Override
  boolean reusable() {
    return false;
  }

  @Override
  byte[] answer(Invocation.Result result) {
    Message message = messages(result).getFirst();
    assertEquals(Message.TO_REPLY, message.to());
    byte[] data = message.data();
    return data == null ? new byte[0] : data;
  }

  private static List<Message> messages(Invocation.Result result) {
    Outcome.Succeeded done =
        assertInstanceOf(Outcome.Succeeded.class, result.outcome(), () -> result.toString());
    assertNull(done.reply());
    return done.publishes();
  }

  @Test
  void isKnownByItsImports() {
    Inspection inspection = engine().inspect(contract());

    assertEquals(Optional.of(AbiKind.REDPANDA), inspection.abi());
    assertEquals(
        "the module imports from 'redpanda_transform', as Redpanda's data transforms do",
        inspection.abiReason());
    assertEquals(List.of(), inspection.problems());
  }

  @Test
  void aRecordGoesInAndOutWithItsKeyAndHeaders() throws DeployException {
    WasmFunction function = deploy(InstanceMode.FRESH);
    List<Header> headers =
        List.of(
            new Header("a", bytesOf("b")), new Header("none", null), new Header("a", bytesOf("")));

    Message message = messages(function.invoke(event(record(null, headers, "D")))).getFirst();

    assertNull(message.key());
    assertEquals(List.of("a", "none", "a"), message.headers().stream().map(Header::name).toList());
    assertArrayEquals(bytesOf("b"), message.headers().get(0).value());
    assertNull(message.headers().get(1).value());
    assertArrayEquals(bytesOf(""), message.headers().get(2).value());
  }

  @Test
  void aNamedTopicIsAGrantedDestination() throws DeployException {
    WasmFunction function =
        engine().deploy(withPublishTo(contract(), "cache/list:errors", "events/errors"));

    Invocation.Result result = function.invoke(event("O"));

    assertEquals(List.of("events/errors"), messages(result).stream().map(Message::to).toList());
    assertEquals(
        "WARN topic 'others' denied; grant it in the manifest under allow.publish, as"
            + " CONNECTION/others\n",
        result.log());
  }

  @Test
  void aPrefixGrantsItsTopics() throws DeployException {
    WasmFunction function = engine().deploy(withPublishTo(contract(), "*", "events/err*"));

    assertEquals("events/errors", messages(function.invoke(event("O"))).getFirst().to());
  }

  @Test
  void whatIsNoRecordIsRefused() throws DeployException {
    assertEquals(List.of(), messages(deploy(InstanceMode.FRESH).invoke(event("B"))));
  }

  @Test
  void theEnvironmentNamesTopicsAndConfiguration() throws DeployException {
    FunctionSpec configured =
        withPublishTo(
            withConfig(contract(), Map.of("MODE", "strict"), Map.of("TOKEN", "s3cret")),
            "events/second",
            "events/all.*",
            "events/first");
    WasmFunction function = engine().deploy(configured);

    String environment = text(function.invoke(event("E")));

    assertEquals(
        List.of("MODE=strict", "REDPANDA_INPUT_TOPIC=a-trigger", "TOKEN=s3cret"),
        Arrays.stream(environment.split("\0"))
            .filter(entry -> !entry.startsWith("REDPANDA_OUTPUT"))
            .toList());
    assertEquals(
        2,
        Arrays.stream(environment.split("\0")).filter(e -> e.startsWith("REDPANDA_OUT")).count());
  }

  @Test
  void aTransformThatReturnsHasNotDoneItsWork() throws DeployException {
    assertEquals(
        "function 'redpanda': ended by itself; a transform is done when it asks for the record"
            + " after its own",
        failure(FailureKind.EXIT_CODE, deploy(InstanceMode.FRESH).invoke(event("Z"))).error());
  }

  @Test
  void aSchemaRegistryIsRefused() {
    assertEquals(
        List.of(
            "the module imports redpanda_schema_registry.check_abi_version_0: there is no schema"
                + " registry for transforms; build it without one, and decode in the transform"
                + " itself"),
        engine().inspect(spec("redpanda-registry")).problems());
  }

  @Test
  void aRecordIsWrittenAsItIsPublished() {
    RedpandaRecord record =
        new RedpandaRecord(bytesOf("k"), List.of(new Header("h", null)), bytesOf("v".repeat(70)));

    byte[] encoded = record.encode();

    assertArrayEquals(new byte[] {2, 'k', (byte) 0x8c, 1, 'v'}, Arrays.copyOf(encoded, 5));
    assertArrayEquals(
        new byte[] {2, 2, 'h', 1}, Arrays.copyOfRange(encoded, encoded.length - 4, encoded.length));
    for (int length = 0; length < encoded.length; length++) {
      assertTrue(RedpandaRecord.decode(Arrays.copyOf(encoded, length)).isEmpty(), "cut " + length);
    }
    assertTrue(RedpandaRecord.decode(Arrays.copyOf(encoded, encoded.length + 1)).isEmpty());
    assertArrayEquals(encoded, RedpandaRecord.decode(encoded).orElseThrow().encode());
    assertTrue(
        RedpandaRecord.decode(new byte[] {1, 1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 1}).isEmpty());
  }

  private static DetachedEvent record(byte[] key, List<Header> headers, String data) {
    return new DetachedEvent(
        "id-1",
        "test:source",
        "test.type",
        Optional.empty(),
        Guests.NOON,
        Optional.empty(),
        Optional.empty(),
        Map.of(),
        key,
        headers,
        bytesOf(data));
  }

  private static byte[] bytesOf(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
