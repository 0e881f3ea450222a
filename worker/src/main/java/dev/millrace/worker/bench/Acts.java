package dev.millrace.worker.bench;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.abi.Event;
import dev.millrace.worker.wasm.Engine;
import dev.millrace.worker.wasm.EngineOptions;
import dev.millrace.worker.wasm.host.HttpGateway;
import dev.millrace.worker.wasm.host.Outside;
import dev.millrace.worker.wasm.spec.FunctionSpec;
import dev.millrace.worker.wasm.spec.FunctionSpec.InstanceMode;
import dev.millrace.worker.wasm.spec.Grants;
import dev.millrace.worker.wasm.spec.HttpOrigin;
import dev.millrace.worker.wasm.spec.Limits;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What the guest {@link Bench#ACTS} can be told to do. */
enum Acts {
  /** Returns at once. */
  NOTHING("n"),
  /** Asks a server and returns when it has answered. */
  WAIT("w"),
  /** Never ends. */
  LOOP("l"),
  /** Traps. */
  TRAP("t");

  private final String data;

  Acts(String data) {
    this.data = data;
  }

  /** The event that tells it so. */
  Event event() {
    return DetachedEvent.of(data, "bench", "bench", Instant.EPOCH, data);
  }

  /**
   * An engine for it.
   *
   * @param http what guests ask
   */
  static Engine engine(HttpGateway http) {
    return Engine.open(EngineOptions.defaults().withOutside(Outside.inMemory().withHttp(http)));
  }

  /** A function of that guest. */
  static FunctionSpec function(String name, Path guest, int concurrency, Duration timeout) {
    Limits usual = Limits.DEFAULT;
    return new FunctionSpec(
        name,
        guest,
        Optional.empty(),
        new Limits(
            timeout,
            usual.memoryBytes(),
            usual.inputBytes(),
            usual.outputBytes(),
            usual.logBytes()),
        InstanceMode.FRESH,
        concurrency,
        Map.of(),
        Map.of(),
        Grants.NONE);
  }

  /** The same, granted the server that it asks. */
  static FunctionSpec waiting(FunctionSpec function) {
    HttpOrigin server = HttpOrigin.parse("http://waits.example", false);
    return function.withGrants(Grants.NONE.withHttp(Set.of(server)));
  }
}
