package dev.millrace.worker.wasm;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.worker.dispatch.Invocation;
import dev.millrace.worker.dispatch.Outcome;
import dev.millrace.worker.wasm.host.Outside;
import dev.millrace.worker.wasm.spec.FunctionSpec;
import dev.millrace.worker.wasm.spec.Grants;
import dev.millrace.worker.wasm.spec.Limits;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What one call of a host function costs: a guest makes a thousand of them for an event. {@code
 * nothing} is the guest's loop alone; stores are in memory.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class HostCallBenchmark {

  private static final int CALLS = 1000;

  /** In the order that the guest has for them. */
  private static final List<String> FUNCTIONS =
      List.of(
          "data_read",
          "attribute_read",
          "config_read",
          "reply_write",
          "log",
          "publish",
          "kv_get",
          "kv_set",
          "nothing");

  @Param({
    "nothing",
    "data_read",
    "attribute_read",
    "config_read",
    "reply_write",
    "log",
    "publish",
    "kv_get",
    "kv_set"
  })
  private String function = "nothing";

  private @Nullable Engine engine;
  private @Nullable WasmFunction guest;
  private Invocation invocation = Guests.event("");

  @Setup
  public void deploy() throws DeployException {
    engine = Engine.open(EngineOptions.defaults().withOutside(Outside.inMemory()));
    FunctionSpec spec =
        Guests.with(
            Guests.withConfig(
                Guests.spec("host-call-loop"), Map.of("region", "eu-central"), Map.of()),
            new Limits(Duration.ofSeconds(20), 4 << 20, 1 << 20, 16 << 20, 1 << 20));
    guest =
        engine.deploy(
            spec.withGrants(
                Grants.publishTo(Set.of("*")).withKeyValues(Set.of(Outside.DEFAULT_STORE))));
    call("kv_set");
    invocation = event(function);
    call(function);
  }

  @TearDown
  public void close() {
    Objects.requireNonNull(engine).close();
  }

  @Benchmark
  @OperationsPerInvocation(CALLS)
  public Invocation.Result call() {
    return Objects.requireNonNull(guest).invoke(invocation);
  }

  private void call(String which) {
    Outcome outcome = Objects.requireNonNull(guest).invoke(event(which)).outcome();
    if (!(outcome instanceof Outcome.Succeeded)) {
      throw new IllegalStateException("the guest failed: " + outcome);
    }
  }

  private static Invocation event(String which) {
    byte[] data = new byte[16];
    data[0] = (byte) FUNCTIONS.indexOf(which);
    return Guests.event(DetachedEvent.of("id-1", "test:source", "test.type", Guests.NOON, data));
  }
}
