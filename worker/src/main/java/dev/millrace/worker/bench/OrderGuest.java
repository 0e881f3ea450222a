package dev.millrace.worker.bench;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.worker.dispatch.Invocation;
import dev.millrace.worker.wasm.spec.FunctionSpec;
import dev.millrace.worker.wasm.spec.FunctionSpec.InstanceMode;
import dev.millrace.worker.wasm.spec.Grants;
import dev.millrace.worker.wasm.spec.Limits;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What the guest {@link Bench#ORDERS} is configured with and called with. */
final class OrderGuest {

  /** In thousandths. */
  static final String FEE = "14";

  /** The configuration's key for it. */
  static final String FEE_KEY = "fee_per_mille";

  private OrderGuest() {}

  /** A function of that guest, or of another module that is treated like it. */
  static FunctionSpec function(String name, Path module, InstanceMode mode) {
    return new FunctionSpec(
        name,
        module,
        Optional.empty(),
        Limits.DEFAULT,
        mode,
        1,
        Map.of(FEE_KEY, FEE),
        Map.of(),
        Grants.publishTo(Set.of("*")));
  }

  /** The call for an event with this data. */
  static Invocation invocation(String data) {
    return new Invocation(
        DetachedEvent.of("kafka:orders/0/1", "kafka:orders", "order", Instant.EPOCH, data),
        "orders",
        1);
  }
}
