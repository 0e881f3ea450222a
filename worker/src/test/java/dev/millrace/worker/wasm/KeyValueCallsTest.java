package dev.millrace.worker.wasm;

import static dev.millrace.worker.wasm.Guests.failure;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.abi.GuestAbi;
import dev.millrace.triggers.FailureKind;
import dev.millrace.worker.dispatch.Invocation;
import dev.millrace.worker.wasm.HostCalls.Answer;
import dev.millrace.worker.wasm.host.Call;
import dev.millrace.worker.wasm.host.KeyValueImports;
import dev.millrace.worker.wasm.host.KeyValues;
import dev.millrace.worker.wasm.host.Outside;
import dev.millrace.worker.wasm.host.UnavailableException;
import dev.millrace.worker.wasm.recording.Replay;
import dev.millrace.worker.wasm.spec.FunctionSpec;
import dev.millrace.worker.wasm.spec.Grants;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The key-value host calls, as a guest sees them. */
class KeyValueCallsTest {

  private final AtomicReference<Instant> now = new AtomicReference<>(Guests.NOON);
  private final InstantSource clock = now::get;
  private final KeyValues carts = KeyValues.inMemory(clock);
  private final Engine engine =
      Engine.open(
          EngineOptions.defaults()
              .withOutside(Outside.inMemory().withKeyValues(Map.of("carts", carts))));
  private WasmFunction function;
  private HostCalls calls;

  @BeforeEach
  void deploy() throws DeployException {
    function = engine.deploy(granted(Set.of("carts", "gone")));
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
        "kv_get|65536,1,0,1",
        "kv_get|0,-1,0,1",
        "kv_get|0,1,65535,2",
        "kv_get|0,1,0,-1",
        "kv_set|0,1,0,1,65536,1,0",
        "kv_set|0,1,0,1,0,-1,0",
        "kv_set|-1,1,0,1,0,0,0",
        "kv_delete|0,1,-1,1",
        "kv_compare_and_set|0,1,0,1,65536,1,0,0,0",
        "kv_compare_and_set|0,1,0,1,0,-2,0,0,0",
        "kv_compare_and_set|0,1,0,1,0,0,65536,1,0",
        "kv_compare_and_set|0,1,0,1,0,0,0,-2,0",
        "kv_increment|0,1,0,1,1,0,65529",
        "kv_increment|0,1,0,1,1,0,-1",
        "answer_read|65535,2,0",
        "answer_read|0,-1,0",
        "answer_headers_read|65536,1"
      })
  void aPointerOutsideTheMemoryEndsTheInvocationAndNamesTheImport(String name, String arguments) {
    long[] numbers = Arrays.stream(arguments.split(",")).mapToLong(Long::parseLong).toArray();

    Invocation.Result result = function.invoke(calls.call(name, numbers).event());

    assertTrue(
        failure(FailureKind.BROKEN_CONTRACT, result)
            .error()
            .contains("called millrace." + name + " with pointer "));
  }

  @Test
  void aValueIsReadInPieces() throws Exception {
    carts.set("k", bytes("a value"), KeyValues.FOR_EVER);
    Place at = place("carts", "k");
    calls.call("kv_get", at.store, 5, at.key, 1);
    calls.call("answer_read", HostCalls.OUT, 3, 4);

    Answer answer = Answer.of(function.invoke(calls.event()));

    assertEquals(7, answer.result());
    assertEquals("lue\0", answer.text(0, 4));
  }

  @Test
  void anAnswerIsGoneWithTheNextQuestionAndWithTheEvent() throws Exception {
    carts.set("k", bytes("a value"), KeyValues.FOR_EVER);
    Place at = place("carts", "k");
    calls.call("kv_get", at.store, 5, at.key, 1);
    assertEquals(7, Answer.of(function.invoke(calls.event())).result());
    calls.call("kv_delete", at.store, 5, at.key, 1);
    calls.call("answer_read", HostCalls.OUT, 3, 0);
    assertEquals(GuestAbi.ABSENT, Answer.of(function.invoke(calls.event())).result());

    carts.set("k", bytes("a value"), KeyValues.FOR_EVER);
    HostCalls ask = HostCalls.of(engine);
    Place again = place(ask, "carts", "k");
    function.invoke(ask.call("kv_get", again.store, 5, again.key, 1).event());
    HostCalls next = HostCalls.of(engine).call("answer_read", HostCalls.OUT, 3, 0);
    assertEquals(GuestAbi.ABSENT, Answer.of(function.invoke(next.event())).result());
  }

  @Test
  void setsForATime() throws Exception {
    Place at = place("carts", "k");
    int value = calls.text("v");
    calls.call("kv_set", at.store, 5, at.key, 1, value, 1, 1000);

    assertEquals(0, Answer.of(function.invoke(calls.event())).result());
    assertEquals("v", new String(carts.get("k"), StandardCharsets.UTF_8));
    now.set(Guests.NOON.plusMillis(1000));
    assertEquals(null, carts.get("k"));
  }

  @Test
  void deletesWhatIsThere() throws Exception {
    carts.set("k", bytes("v"), KeyValues.FOR_EVER);
    Place at = place("carts", "k");
    calls.call("kv_delete", at.store, 5, at.key, 1);

    assertEquals(1, Answer.of(function.invoke(calls.event())).result());
    assertEquals(0, Answer.of(function.invoke(calls.event())).result());
  }

  @ParameterizedTest
  @CsvSource({"v,1,-1,1,''", "v,1,1,1,w", "x,1,1,0,v", "'',-1,1,0,v", "'',0,1,0,v"})
  void comparesBeforeItSets(
      String expected, int expectedLength, int length, int result, String left) throws Exception {
    carts.set("k", bytes("v"), KeyValues.FOR_EVER);
    Place at = place("carts", "k");
    int before = calls.text(expected + "\0");
    int value = calls.text("w");
    calls.call(
        "kv_compare_and_set", at.store, 5, at.key, 1, before, expectedLength, value, length, 0);

    assertEquals(result, Answer.of(function.invoke(calls.event())).result());
    byte[] after = carts.get("k");
    assertEquals(left, after == null ? "" : new String(after, StandardCharsets.UTF_8));
  }

  @Test
  void incrementsAndWritesTheSum() throws Exception {
    carts.set("k", bytes("40"), KeyValues.FOR_EVER);
    Place at = place("carts", "k");
    calls.call("kv_increment", at.store, 5, at.key, 1, 2, 0, HostCalls.OUT);

    Answer answer = Answer.of(function.invoke(calls.event()));

    assertEquals(0, answer.result());
    assertEquals(42, answer.longAt(0));
  }

  @ParameterizedTest
  @CsvSource({"four", "007", "+4", "''", "9223372036854775807"})
  void whatIsNoNumberOrHasNoPlaceIsInvalid(String value) throws Exception {
    carts.set("k", bytes(value), KeyValues.FOR_EVER);
    Place at = place("carts", "k");
    calls.call("kv_increment", at.store, 5, at.key, 1, 2, 0, HostCalls.OUT);

    assertEquals(GuestAbi.INVALID, Answer.of(function.invoke(calls.event())).result());
    assertEquals(value, new String(carts.get("k"), StandardCharsets.UTF_8));
  }

  @Test
  void aStoreThatIsNotGrantedIsDenied() {
    Place at = place("other", "k");
    calls.call("kv_get", at.store, 5, at.key, 1);

    Invocation.Result result = function.invoke(calls.event());

    assertEquals(GuestAbi.DENIED, Answer.of(result).result());
    assertEquals("WARN kv 'other' denied; grant it in the manifest under allow.kv\n", result.log());
  }

  @Test
  void aStoreThatDoesNotAnswerIsUnavailable() {
    Place at = place("gone", "k");
    calls.call("kv_get", at.store, 4, at.key, 1);

    Invocation.Result result = function.invoke(calls.event());

    assertEquals(GuestAbi.UNAVAILABLE, Answer.of(result).result());
    assertEquals("WARN kv_get: there is no key-value store 'gone' here\n", result.log());
  }

  @Test
  void keysAndTimesHaveBounds() {
    Place at = place("carts", "\u00ff");
    int wild = calls.bytes(new byte[] {(byte) 0xff});
    int keys = calls.text("k".repeat(513));

    assertEquals(GuestAbi.INVALID, result("kv_get", at.store, 5, at.key, 0));
    assertEquals(GuestAbi.INVALID, result("kv_get", at.store, 5, wild, 1));
    assertEquals(GuestAbi.INVALID, result("kv_get", wild, 1, at.key, 2));
    assertEquals(GuestAbi.ABSENT, result("kv_get", at.store, 5, at.key, 2));
    assertEquals(GuestAbi.ABSENT, result("kv_get", at.store, 5, keys, 512));
    assertEquals(GuestAbi.TOO_LARGE, result("kv_get", at.store, 5, keys, 513));
    assertEquals(GuestAbi.INVALID, result("kv_set", at.store, 5, at.key, 2, 0, 0, -1));
    assertEquals(
        GuestAbi.INVALID, result("kv_increment", at.store, 5, at.key, 2, 1, -1, HostCalls.OUT));
  }

  @Test
  void aValueBeyondAMebibyteIsTooLarge() throws Exception {
    byte[] data = "carts".getBytes(StandardCharsets.US_ASCII);
    HostCalls large = HostCalls.of(engine);
    int store = large.bytes(data);
    large.call("kv_set", store, 5, store, 1, 0, 65536, 0);
    assertEquals(0, Answer.of(function.invoke(large.event())).result());

    assertEquals(1 << 20, KeyValueImports.VALUE_LIMIT_BYTES);
    WasmFunction flood = engine.deploy(flood("kv-large"));
    assertEquals(String.valueOf(GuestAbi.TOO_LARGE), Guests.reply(flood.invoke(Guests.event(""))));
  }

  @Test
  void anInvocationAsksAThousandTimes() throws Exception {
    WasmFunction flood = engine.deploy(flood("kv-flood"));

    Invocation.Result result = flood.invoke(Guests.event(""));

    assertEquals(String.valueOf(Call.QUESTIONS_LIMIT), Guests.reply(result));
    assertEquals("1000", new String(carts.get("n"), StandardCharsets.UTF_8));
    assertEquals(
        "WARN kv_increment: an invocation asks outside at most 1000 times\n", result.log());
  }

  @Test
  void theDeadlineEndsTheWaitForAStore() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    KeyValues stuck =
        new Delegating(carts) {
          @Override
          public byte[] get(String key) throws InterruptedException {
            never.await();
            return null;
          }
        };
    try (Engine slow =
        Engine.open(
            EngineOptions.defaults()
                .withOutside(Outside.inMemory().withKeyValues(Map.of("carts", stuck))))) {
      WasmFunction waiting =
          slow.deploy(Guests.withTimeout(granted(Set.of("carts")), Duration.ofMillis(300)));
      Place at = place("carts", "k");
      calls.call("kv_get", at.store, 5, at.key, 1);

      failure(FailureKind.TIMEOUT, waiting.invoke(calls.event()));
      assertTrue(!Thread.currentThread().isInterrupted());
    }
  }

  @Test
  void aRecordedAttemptGetsTheRecordedAnswers() throws Exception {
    carts.set("k", bytes("then"), KeyValues.FOR_EVER);
    Place at = place("carts", "k");
    calls.call("kv_get", at.store, 5, at.key, 1);
    calls.call("answer_read", HostCalls.OUT, 4, 0);
    calls.call("answer_read", HostCalls.ANSWER, 1, 0);
    Invocation event = calls.event();
    Invocation.Result then = function.invoke(event);
    failure(FailureKind.BROKEN_CONTRACT, then); // 't' is no answer of 'handle'
    carts.delete("k");

    Replay replay = function.replay(event, then.recording().orElseThrow());

    assertEquals(then.outcome(), replay.result().outcome());
    assertEquals(Optional.empty(), replay.divergence());
  }

  private FunctionSpec granted(Set<String> stores) {
    return Guests.with(Guests.spec("host-calls"), Grants.NONE.withKeyValues(stores));
  }

  private static FunctionSpec flood(String guest) {
    return Guests.with(Guests.spec(guest), Grants.NONE.withKeyValues(Set.of("carts")));
  }

  private long result(String name, long... arguments) {
    byte[] before = calls.data();
    assertTrue(before.length > 0);
    HostCalls fresh = HostCalls.of(engine);
    fresh.bytes(Arrays.copyOfRange(before, 80, before.length));
    return Answer.of(function.invoke(fresh.call(name, arguments).event())).result();
  }

  private record Place(int store, int key) {}

  private Place place(String store, String key) {
    return place(calls, store, key);
  }

  private static Place place(HostCalls calls, String store, String key) {
    return new Place(calls.text(store), calls.text(key));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** A store to be changed in one method. */
  private abstract static class Delegating implements KeyValues {
    private final KeyValues values;

    Delegating(KeyValues values) {
      this.values = values;
    }

    @Override
    public void set(String key, byte[] value, Duration timeToLive)
        throws UnavailableException, InterruptedException {
      values.set(key, value, timeToLive);
    }

    @Override
    public boolean delete(String key) throws UnavailableException, InterruptedException {
      return values.delete(key);
    }

    @Override
    public boolean compareAndSet(String key, byte[] expected, byte[] value, Duration timeToLive)
        throws UnavailableException, InterruptedException {
      return values.compareAndSet(key, expected, value, timeToLive);
    }

    @Override
    public OptionalLong increment(String key, long delta, Duration timeToLive)
        throws UnavailableException, InterruptedException {
      return values.increment(key, delta, timeToLive);
    }
  }
}
