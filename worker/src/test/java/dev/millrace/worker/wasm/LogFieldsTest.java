package dev.millrace.worker.wasm;

import static dev.millrace.worker.wasm.Guests.failure;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.millrace.abi.GuestAbi;
import dev.millrace.abi.Header;
import dev.millrace.triggers.FailureKind;
import dev.millrace.worker.dispatch.Invocation;
import dev.millrace.worker.wasm.HostCalls.Answer;
import dev.millrace.worker.wasm.host.LogFields;
import dev.millrace.worker.wasm.host.NameValues;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The host call {@code log_fields}, as a guest sees it. */
class LogFieldsTest {

  private final Engine engine = Engine.open(EngineOptions.defaults());
  private WasmFunction function;

  @BeforeEach
  void deploy() throws DeployException {
    function = engine.deploy(Guests.spec("host-calls"));
  }

  @AfterEach
  void close() {
    engine.close();
  }

  @Test
  void fieldsFollowTheMessage() {
    Invocation.Result result =
        log(2, "charged", field("order", "o-1"), field("reason", "no money"), field("none", null));

    assertEquals(0, Answer.of(result).result());
    assertEquals("WARN charged order=o-1 reason=\"no money\" none=\n", result.log());
  }

  @Test
  void neitherMessageNorFieldMakesALineOfItsOwn() {
    Invocation.Result result =
        log(1, "a\nERROR b", field("x", "1\nERROR c"), field("a b", "\"\\\u0001"), field("e", ""));

    assertEquals(
        "INFO a\\nERROR b x=\"1\\nERROR c\" \"a b\"=\"\\\"\\\\\uFFFD\" e=\"\"\n", result.log());
  }

  @Test
  void whatIsMalformedOrTooLongIsNotLogged() {
    HostCalls calls = HostCalls.of(engine);
    int wild = calls.bytes(new byte[] {(byte) 0xff, 1, 0, 0, 0});
    Invocation.Result text = function.invoke(calls.call("log_fields", 1, wild, 1, 0, 0).event());
    assertEquals(GuestAbi.INVALID, Answer.of(text).result());
    assertEquals("", text.log());
    assertEquals(GuestAbi.INVALID, result(1, 0, 0, wild, 5));
    int beyond = LogFields.LIMIT_BYTES + 1;
    assertEquals(GuestAbi.TOO_LARGE, result(1, 0, beyond, 0, 0));
    assertEquals(GuestAbi.TOO_LARGE, result(1, 0, 0, 0, beyond));
  }

  @ParameterizedTest
  @ValueSource(strings = {"1,65536,1,0,0", "1,0,-1,0,0", "1,0,0,65535,2", "1,0,0,0,-1"})
  void aPointerOutsideTheMemoryEndsTheInvocation(String arguments) {
    long[] numbers = Arrays.stream(arguments.split(",")).mapToLong(Long::parseLong).toArray();

    failure(
        FailureKind.BROKEN_CONTRACT,
        function.invoke(HostCalls.of(engine).call("log_fields", numbers).event()));
  }

  private long result(long... arguments) {
    HostCalls calls = HostCalls.of(engine);
    calls.bytes(new byte[] {(byte) 0xff, 1, 0, 0, 0});
    return Answer.of(function.invoke(calls.call("log_fields", arguments).event())).result();
  }

  private Invocation.Result log(int level, String message, Header... fields) {
    HostCalls calls = HostCalls.of(engine);
    byte[] list = NameValues.encodeHeaders(List.of(fields));
    int text = calls.text(message);
    int at = calls.bytes(list);
    calls.call("log_fields", level, text, message.length(), at, list.length);
    return function.invoke(calls.event());
  }

  private static Header field(String name, String value) {
    return new Header(name, value == null ? null : value.getBytes(StandardCharsets.UTF_8));
  }
}
