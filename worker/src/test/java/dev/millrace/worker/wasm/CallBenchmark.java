package dev.millrace.worker.wasm;

import dev.millrace.worker.dispatch.Invocation;
import dev.millrace.worker.dispatch.Outcome;
import dev.millrace.worker.wasm.host.Outside;
import dev.millrace.worker.wasm.spec.FunctionSpec;
import dev.millrace.worker.wasm.spec.FunctionSpec.InstanceMode;
import java.time.Duration;
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
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** One event's call: in a sandbox that is put back, in a reused one, and in one that is made. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class CallBenchmark {

  private static final String ORDER =
      """
      {"id": "o-1", "amount": 2599, "currency": "EUR",
       "items": ["book", "pen", "ink", "paper", "ruler", "lamp", "chair", "desk"]}""";

  /** A guest that hashes its data, and one in Rust that parses an order and publishes. */
  @Param({"tiny", "orders"})
  private String guest = "tiny";

  private @Nullable Engine engine;
  private @Nullable WasmFunction fresh;
  private @Nullable WasmFunction reuse;
  private Invocation invocation = Guests.event("");

  @Setup
  public void deploy() throws DeployException {
    engine =
        Engine.open(
            EngineOptions.defaults().withOutside(Outside.inMemory()).withIdleAfter(Duration.ZERO));
    FunctionSpec spec =
        Guests.withConfig(
            Guests.withPublishTo(
                Guests.spec(
                    guest, Guests.resource("/dev/millrace/worker/bench/" + guest + ".wasm")),
                "*"),
            Map.of("fee_per_mille", "14"),
            Map.of());
    fresh = engine.deploy(Guests.with(spec, InstanceMode.FRESH));
    reuse = engine.deploy(Guests.with(spec, InstanceMode.REUSE));
    invocation = Guests.event(guest.equals("tiny") ? "x".repeat(1024) : ORDER);
    for (WasmFunction function : Set.of(fresh, reuse)) {
      Outcome outcome = function.invoke(invocation).outcome();
      if (!(outcome instanceof Outcome.Succeeded)) {
        throw new IllegalStateException("the guest failed: " + outcome);
      }
    }
  }

  @TearDown
  public void close() {
    Objects.requireNonNull(engine).close();
  }

  @Benchmark
  public Invocation.Result fresh() {
    return Objects.requireNonNull(fresh).invoke(invocation);
  }

  @Benchmark
  public Invocation.Result reuse() {
    return Objects.requireNonNull(reuse).invoke(invocation);
  }

  /** Letting the idle sandbox go, linking and making another one, and a call in it. */
  @Benchmark
  public Invocation.Result newSandbox() {
    Objects.requireNonNull(engine).keepHouse();
    return Objects.requireNonNull(fresh).invoke(invocation);
  }
}
