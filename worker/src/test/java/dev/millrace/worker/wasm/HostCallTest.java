package dev.millrace.worker.wasm;

import static dev.millrace.worker.wasm.Guests.failure;
import static dev.millrace.worker.wasm.Guests.spec;
import static dev.millrace.worker.wasm.HostCalls.ANSWER;
import static dev.millrace.worker.wasm.HostCalls.OUT;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.abi.GuestAbi;
import dev.millrace.abi.Header;
import dev.millrace.abi.Message;
import dev.millrace.triggers.FailureKind;
import dev.millrace.worker.dispatch.Invocation;
import dev.millrace.worker.dispatch.Outcome;
import dev.millrace.worker.wasm.HostCalls.Answer;
import dev.millrace.worker.wasm.host.NameValues;
import dev.millrace.worker.wasm.recording.GuestRandom;
import dev.millrace.worker.wasm.spec.FunctionSpec.AbiKind;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every host function, called with good arguments and with wild ones. */
class HostCallTest {

  /** Error numbers of WASI preview 1. */
  private static final int ERRNO_SUCCESS = 0;

  private static final int ERRNO_BADF = 8;
  private static final int ERRNO_INVAL = 28;
  private static final int ERRNO_NOTSUP = 58;

  private final Engine engine =
      Engine.open(
          EngineOptions.defaults()
              .withWallClock(InstantSource.fixed(Instant.parse("2026-03-01T12:00:00.000000005Z")))
              .withTicker(() -> 42)
              .withRandom(new Random(1)));

  private WasmFunction function;
  private HostCalls calls;

  @BeforeEach
  void deploy() throws DeployException {
    function =
        engine.deploy(
            Guests.withPublishTo(
                Guests.withConfig(
                    spec("host-calls"),
                    Map.of("region", "eu", "api-host", "example.org"),
                    Map.of("api_key", "s3cret")),
                "events/orders.*",
                "cache/exact"));
    calls = HostCalls.of(engine);
  }

  @AfterEach
  void close() {
    engine.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // pointer and length out of bounds, length beyond the end, length of 4 GiB - 1
        "data_read|65536,1,0",
        "data_read|65535,2,0",
        "data_read|-1,1,0",
        "data_read|0,-1,0",
        "attribute_read|65530,7,0,0",
        "attribute_read|0,-1,0,0",
        "attribute_read|0,2,65536,1",
        "attributes_read|65535,2",
        "attributes_read|-8,8",
        "key_read|65535,2",
        "key_read|0,-1",
        "headers_read|65535,2",
        "headers_read|2147483647,1",
        "config_read|0,-1,0,0",
        "config_read|0,1,-1,1",
        "reply_write|0,65537",
        "reply_write|0,-1",
        "reply_write|-1,1",
        "reason_write|0,65537",
        "reason_write|65536,1",
        "log|1,65536,1",
        "log|1,0,-1",
        "publish|65536,1,0,-1,0,0,0,-1",
        "publish|0,3,65536,1,0,0,0,-1",
        "publish|0,3,0,-2,0,0,0,-1",
        "publish|0,3,0,-1,65530,12,0,-1",
        "publish|0,3,0,-1,0,-1,0,-1",
        "publish|0,3,0,-1,0,0,65536,1",
        "once|65536,1,1000",
        "once|65530,12,1000",
        "once|0,-1,1000",
        "publish|0,3,0,-1,0,0,0,-2",
        "args_sizes_get|65533,0",
        "args_sizes_get|0,65533",
        "args_get|65533,0",
        "args_get|0,65535",
        "environ_sizes_get|-4,0",
        "environ_sizes_get|0,65533",
        "clock_res_get|0,65529",
        "clock_time_get|0,0,65529",
        "clock_time_get|0,0,-8",
        "random_get|65535,2",
        "random_get|0,-1",
        "fd_read|0,65536,1,0",
        "fd_read|0,0,-1,0",
        "fd_read|0,0,536870912,0",
        "fd_read|0,0,1,65533",
        "fd_write|1,65536,1,0",
        "fd_write|1,0,-1,0",
        "fd_write|2,0,536870912,0",
        "fd_write|1,0,1,65533",
        "fd_fdstat_get|1,65513",
        "fd_filestat_get|1,65473",
        "poll_oneoff|65500,0,1,0",
        "poll_oneoff|0,65510,1,0",
        "poll_oneoff|0,0,-1,0",
        "poll_oneoff|0,64,1,65533"
      })
  void aPointerOutsideTheMemoryEndsTheInvocationAndNamesTheImport(String name, String arguments) {
    Invocation.Result result = function.invoke(calls.call(name, longs(arguments)).event());

    Outcome.Failed failed = failure(FailureKind.BROKEN_CONTRACT, result);
    assertTrue(
        failed.error().startsWith("function 'host-calls': called ")
            && failed.error().contains("." + name + " with pointer ")
            && failed.error().contains("outside its memory of 65536 bytes"),
        failed::error);
    pristine();
  }

  @ParameterizedTest
  @CsvSource({"1,65536", "2,65536"})
  void aWildVectorEndsTheInvocation(int descriptor, int pointer) {
    int vector = calls.bytes(ints(pointer, 1));

    Invocation.Result result =
        function.invoke(calls.call("fd_write", descriptor, vector, 1, OUT).event());

    assertTrue(
        failure(FailureKind.BROKEN_CONTRACT, result)
            .error()
            .contains("wasi_snapshot_preview1.fd_write with pointer 65536"));
    pristine();
  }

  @Test
  void aZeroLengthTouchesNothingWhateverItsPointer() {
    byte[] data = calls.call("data_read", -1, 0, 0).data();

    assertEquals(data.length, answer().result());
  }

  @Test
  void dataIsReadFromAnOffset() {
    calls.bytes(new byte[] {1, 2, 3, 4, 5, 6, 7, 8});
    calls.call("data_read", OUT, 4, 82);

    Answer answer = answer();

    assertEquals(88, answer.result());
    assertArrayEquals(new byte[] {3, 4, 5, 6, 0}, Arrays.copyOf(answer.out(), 5));
  }

  @Test
  void anOffsetBeyondTheDataCopiesNothing() {
    byte[] data = calls.call("data_read", OUT, 4, -1).data();

    Answer answer = answer();

    assertEquals(data.length, answer.result());
    assertEquals(0, answer.intAt(0));
  }

  @ParameterizedTest
  @CsvSource({
    "id,id-1",
    "source,test:source",
    "type,test.type",
    "subject,a subject",
    "time,2026-03-01T12:00:00Z",
    "datacontenttype,text/plain",
    "dataschema,urn:schema",
    "kafkatopic,orders",
    "attempt,3",
    "trigger,a-trigger",
    "function,host-calls"
  })
  void attributesAreReadByName(String name, String value) {
    int pointer = calls.text(name);
    calls.call("attribute_read", pointer, name.length(), OUT, 100);

    Answer answer = Answer.of(function.invoke(richEvent(3)));

    assertEquals(value.length(), answer.result());
    assertEquals(value, answer.text(0, value.length()));
  }

  @Test
  void whatDoesNotExistIsAbsent() {
    int name = calls.text("nothing");

    assertEquals(GuestAbi.ABSENT, answerOf("attribute_read", name, 7, OUT, 10).result());
    assertEquals(GuestAbi.ABSENT, answerOf("config_read", name, 7, OUT, 10).result());
    assertEquals(GuestAbi.ABSENT, answerOf("key_read", OUT, 10).result());
  }

  @Test
  void aBufferTooSmallGetsWhatFitsAndTheWholeSize() {
    int name = calls.text("source");
    calls.call("attribute_read", name, 6, OUT, 4);

    Answer answer = answer();

    assertEquals("test:source".length(), answer.result());
    assertEquals("test\0", answer.text(0, 5));
  }

  @Test
  void allAttributesAreReadAtOnce() {
    calls.call("attributes_read", OUT, 2000);

    Answer answer = Answer.of(function.invoke(richEvent(1)));

    assertEquals(11, answer.intAt(0));
    assertEquals(2, answer.intAt(4));
    assertEquals("id", answer.text(8, 2));
    assertEquals(4, answer.intAt(10));
    assertEquals("id-1", answer.text(14, 4));
  }

  @Test
  void keyAndHeadersAreReadByteForByte() {
    Answer key = Answer.of(function.invoke(rich(calls.call("key_read", OUT, 10).data(), 1)));
    assertEquals(2, key.result());
    assertArrayEquals(new byte[] {(byte) 0xff, 1}, Arrays.copyOf(key.out(), 2));

    HostCalls second = HostCalls.of(engine).call("headers_read", OUT, 100);
    Answer headers = Answer.of(function.invoke(rich(second.data(), 1)));
    assertArrayEquals(
        NameValues.encodeHeaders(
            List.of(new Header("h", new byte[] {(byte) 0xfe}), new Header("h", null))),
        Arrays.copyOf(headers.out(), (int) headers.result()));
  }

  @ParameterizedTest
  @CsvSource({"region,eu", "api-host,example.org", "api_key,s3cret"})
  void configurationAndSecretsAreReadByName(String name, String value) {
    int pointer = calls.text(name);
    calls.call("config_read", pointer, name.length(), OUT, 100);

    assertEquals(value, answer().text(0, value.length()));
  }

  @Test
  void publishesAreAnsweredWithTheReply() {
    int to = calls.text("events/orders.charged");
    int key = calls.text("k1");
    byte[] headers = NameValues.encodeHeaders(List.of(new Header("a", new byte[] {1})));
    int headersPointer = calls.bytes(headers);
    int data = calls.text("paid");
    calls.call("publish", to, 21, key, 2, headersPointer, headers.length, data, 4);
    calls.call("publish", to, 21, 0, -1, 0, 0, 0, -1);

    Outcome.Succeeded succeeded =
        assertInstanceOf(Outcome.Succeeded.class, function.invoke(calls.event()).outcome());

    Message first = succeeded.publishes().get(0);
    assertEquals("events/orders.charged", first.to());
    assertArrayEquals("k1".getBytes(StandardCharsets.UTF_8), first.key());
    assertArrayEquals("paid".getBytes(StandardCharsets.UTF_8), first.data());
    assertArrayEquals(headers, NameValues.encodeHeaders(first.headers()));
    Message second = succeeded.publishes().get(1);
    assertNull(second.key());
    assertNull(second.data());
    assertEquals(List.of(), second.headers());
  }

  @ParameterizedTest
  @CsvSource({
    "events/orders.charged,0",
    "events/orders.,0",
    "cache/exact,0",
    "cache/exactly,-2",
    "events/other,-2",
    "'',-4"
  })
  void onlyGrantedDestinationsArePublishedTo(String to, int answer) {
    int pointer = calls.text(to + "\0");
    calls.call("publish", pointer, to.length(), 0, -1, 0, 0, 0, -1);

    assertEquals(answer, answer().result());
  }

  @Test
  void aDeniedPublishIsSaidInTheLog() {
    int to = calls.text("events/other");
    calls.call("publish", to, 12, 0, -1, 0, 0, 0, -1);

    assertEquals(
        "WARN publish to 'events/other' denied; grant it in the manifest under allow.publish\n",
        function.invoke(calls.event()).log());
  }

  @Test
  void malformedHeadersAreInvalid() {
    int to = calls.text("cache/exact");
    int headers = calls.bytes(ints(1, 100));

    assertEquals(GuestAbi.INVALID, answerOf("publish", to, 11, 0, -1, headers, 8, 0, -1).result());
  }

  @Test
  void retryWaitsAsLongAsTheGuestAskedAndSaysItsReason() {
    int one = calls.bytes(ints(GuestAbi.HANDLE_RETRY));
    int reason = calls.text("bank is closed");
    calls.call("retry_after", 1500);
    calls.call("reason_write", reason, 14);
    answerWith(one);

    Outcome.Failed failed = failure(FailureKind.RETRY_REQUESTED, function.invoke(calls.event()));

    assertEquals("function 'host-calls': bank is closed", failed.error());
    assertEquals(Optional.of(Duration.ofMillis(1500)), failed.retryAfter());
  }

  @Test
  void rejectSaysItsReason() {
    int two = calls.bytes(ints(GuestAbi.HANDLE_REJECT));
    int reason = calls.text("not an order");
    calls.call("reason_write", reason, 12);
    answerWith(two);

    assertEquals(
        "function 'host-calls': not an order",
        failure(FailureKind.REJECTED, function.invoke(calls.event())).error());
  }

  @Test
  void secretsNeverReachTheLogNorAnError() {
    int two = calls.bytes(ints(GuestAbi.HANDLE_REJECT));
    int text = calls.text("the key s3cret is wrong");
    calls.call("log", GuestAbi.LOG_ERROR, text, 23);
    calls.call("reason_write", text, 23);
    answerWith(two);

    Invocation.Result result = function.invoke(calls.event());

    assertEquals("ERROR the key [secret] is wrong\n", result.log());
    assertEquals(
        "function 'host-calls': the key [secret] is wrong",
        failure(FailureKind.REJECTED, result).error());
  }

  @Test
  void theTimeLeftIsKnown() {
    long left = answerOf("deadline_ms").result();

    assertTrue(left > 0 && left <= 20_000, () -> left + " ms");
  }

  @Test
  void clocksAndRandomNumbersComeFromTheHost() {
    Answer realtime = answerOf("clock_time_get", 0, 0, OUT);
    assertEquals(
        Instant.parse("2026-03-01T12:00:00Z").getEpochSecond() * 1_000_000_000 + 5,
        realtime.longAt(0));
    assertEquals(42, answerOf("clock_time_get", 1, 0, OUT).longAt(0));
    assertEquals(ERRNO_NOTSUP, answerOf("clock_time_get", 2, 0, OUT).result());
    assertEquals(ERRNO_INVAL, answerOf("clock_time_get", 9, 0, OUT).result());
    byte[] seed = new byte[GuestRandom.SEED_BYTES];
    new Random(1).nextBytes(seed);
    GuestRandom random = new GuestRandom();
    random.seed(seed);
    byte[] expected = new byte[48];
    random.fill(expected);
    assertArrayEquals(expected, Arrays.copyOf(answerOf("random_get", OUT, 48).out(), 48));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "fd_prestat_get|3,16384|8",
        "fd_prestat_dir_name|3,16384,10|8",
        "path_open|3,0,1024,1,0,0,0,0,16384|8",
        "path_open|0,0,1024,1,0,0,0,0,16384|54",
        "path_symlink|1024,1,0,1024,1|54",
        "path_symlink|1024,1,3,1024,1|8",
        "fd_seek|1,0,0,16384|70",
        "fd_seek|7,0,0,16384|8",
        "fd_readdir|1,0,0,0,0|54",
        "fd_renumber|1,2|58",
        "sock_accept|1,0,0|57",
        "sock_send|5,0,0,0,0|8",
        "proc_raise|9|52",
        "sched_yield||0",
        "fd_read|1,1024,0,16384|8",
        "fd_write|0,1024,0,16384|8",
        "fd_fdstat_get|3,16384|8",
        "poll_oneoff|1024,16384,0,20000|28"
      })
  void whatIsNotGrantedAnswersAnErrorNumber(String name, String arguments, long errno) {
    assertEquals(errno, answerOf(name, longs(arguments)).result());
  }

  @Test
  void aClosedStreamIsOpenForTheNextEvent() {
    int vector = calls.bytes(ints(1024, 1));
    calls.call("fd_close", 2).call("fd_write", 2, vector, 1, OUT);
    assertEquals(ERRNO_BADF, answer().result());

    assertEquals(ERRNO_SUCCESS, answerOf("fd_close", 2).result());
  }

  @Test
  void sleepingWakesWithTheEventOfTheClock() {
    byte[] subscription = new byte[48];
    subscription[0] = 77;
    subscription[16] = 1;
    subscription[24] = 100;
    int pointer = calls.bytes(subscription);
    calls.call("poll_oneoff", pointer, OUT, 1, OUT + 100);

    Answer answer = answer();

    assertEquals(ERRNO_SUCCESS, answer.result());
    assertEquals(77, answer.longAt(0));
    assertEquals(1, answer.intAt(100));
  }

  @Test
  void standardOutputOfAMillraceGuestIsLog() {
    int text = calls.text("printed\n");
    int vector = calls.bytes(ints(text, 8));
    calls.call("fd_write", 1, vector, 1, OUT);

    Invocation.Result result = function.invoke(calls.event());

    assertEquals("printed\n", result.log());
    assertEquals(8, Answer.of(result).intAt(0));
  }

  @Test
  void aProgramFindsTheEventInItsEnvironment() throws DeployException {
    WasmFunction program = engine.deploy(Guests.with(function.spec(), AbiKind.COMMAND));
    calls.call("environ_get", OUT + 200, OUT + 400);

    Answer answer = Answer.of(program.invoke(rich(calls.data(), 2)));

    List<String> variables =
        Arrays.asList(answer.text(400, 1600).replaceAll("\0+$", "").split("\0"));
    assertEquals(
        List.of(
            "MILLRACE_CONFIG_API_HOST=example.org",
            "MILLRACE_CONFIG_API_KEY=s3cret",
            "MILLRACE_CONFIG_REGION=eu",
            "MILLRACE_ID=id-1",
            "MILLRACE_SOURCE=test:source",
            "MILLRACE_TYPE=test.type",
            "MILLRACE_SUBJECT=a subject",
            "MILLRACE_TIME=2026-03-01T12:00:00Z",
            "MILLRACE_DATACONTENTTYPE=text/plain",
            "MILLRACE_DATASCHEMA=urn:schema",
            "MILLRACE_ATTEMPT=2",
            "MILLRACE_TRIGGER=a-trigger",
            "MILLRACE_FUNCTION=host-calls",
            "MILLRACE_KAFKATOPIC=orders"),
        variables);
  }

  @Test
  void aTextKeyIsAVariableAndItsSizesFit() throws DeployException {
    WasmFunction program = engine.deploy(Guests.with(function.spec(), AbiKind.COMMAND));
    byte[] data = calls.call("environ_sizes_get", OUT, OUT + 4).data();
    DetachedEvent plain =
        DetachedEvent.of("i", "s", "t", Guests.NOON, data)
            .withKey("clé".getBytes(StandardCharsets.UTF_8));

    Answer answer = Answer.of(program.invoke(Guests.event(plain)));

    int variables = 3 + 7 + 1;
    assertEquals(variables, answer.intAt(0));
    int size =
        String.join(
                    "\0",
                    "MILLRACE_CONFIG_API_HOST=example.org",
                    "MILLRACE_CONFIG_API_KEY=s3cret",
                    "MILLRACE_CONFIG_REGION=eu",
                    "MILLRACE_ID=i",
                    "MILLRACE_SOURCE=s",
                    "MILLRACE_TYPE=t",
                    "MILLRACE_TIME=2026-03-01T12:00:00Z",
                    "MILLRACE_ATTEMPT=1",
                    "MILLRACE_TRIGGER=a-trigger",
                    "MILLRACE_FUNCTION=host-calls",
                    "MILLRACE_KEY=clé")
                .getBytes(StandardCharsets.UTF_8)
                .length
            + 1;
    assertEquals(size, answer.intAt(4));
  }

  @Test
  void aProgramKnowsItsNameAndAMillraceGuestHasNoEnvironment() {
    assertEquals("host-calls\0", answerOf("args_get", OUT, OUT + 8).text(8, 11));
    assertEquals(0, answerOf("environ_sizes_get", OUT, OUT + 4).intAt(0));
  }

  private Answer answer() {
    return Answer.of(function.invoke(calls.event()));
  }

  private Answer answerOf(String name, long... arguments) {
    HostCalls once = HostCalls.of(engine);
    // what was placed for the first call is placed again, at the same addresses
    byte[] placed = calls.data();
    if (placed.length > 80) {
      once.bytes(Arrays.copyOfRange(placed, 80, placed.length));
    }
    return Answer.of(function.invoke(once.call(name, arguments).event()));
  }

  /** Lets {@code handle} answer with the number at a pointer: reads it to where it looks. */
  private void answerWith(int pointer) {
    calls.call("data_read", ANSWER, 4, pointer - 1024);
  }

  private Invocation richEvent(int attempt) {
    return rich(calls.data(), attempt);
  }

  private static Invocation rich(byte[] data, int attempt) {
    DetachedEvent event =
        new DetachedEvent(
            "id-1",
            "test:source",
            "test.type",
            Optional.of("a subject"),
            Guests.NOON,
            Optional.of("text/plain"),
            Optional.of("urn:schema"),
            Map.of("kafkatopic", "orders", "attempt", "hidden"),
            new byte[] {(byte) 0xff, 1},
            List.of(new Header("h", new byte[] {(byte) 0xfe}), new Header("h", null)),
            data);
    return new Invocation(event, "a-trigger", attempt);
  }

  /** The slot serves the next event, which finds memory as it was built. */
  private void pristine() {
    HostCalls next = HostCalls.of(engine);
    Answer answer = Answer.of(function.invoke(next.call("sched_yield").event()));
    assertEquals(0, answer.result());
    assertArrayEquals(new byte[2048], answer.out());
  }

  private static long[] longs(String list) {
    return list == null
        ? new long[0]
        : Arrays.stream(list.split(",")).mapToLong(Long::parseLong).toArray();
  }

  private static byte[] ints(int... values) {
    ByteBuffer buffer = ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
    Arrays.stream(values).forEach(buffer::putInt);
    return buffer.array();
  }
}
