package dev.millrace.worker.wasm.abi;

import dev.millrace.worker.wasm.host.Call;
import dev.millrace.worker.wasm.host.GuestMemory;
import dev.millrace.worker.wasm.host.GuestStop;
import dev.millrace.worker.wasm.host.HostImport;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The import module {@code benthos_wasm}: reading and changing the message at hand and its
 * metadata.
 *
 * @see <a href="https://github.com/redpanda-data/connect/tree/main/internal/impl/wasm">Redpanda
 *     Connect, wasm processor</a>
 */
final class BenthosImports {

  static final String MODULE = "benthos_wasm";

  private BenthosImports() {}

  static List<HostImport> all() {
    return List.of(
        HostImport.of(MODULE, "v0_msg_as_bytes", ":l", (c, m, a) -> give(c, m, state(c).data())),
        HostImport.of(MODULE, "v0_msg_set_bytes", "ii:", BenthosImports::setBytes),
        HostImport.of(MODULE, "v0_msg_get_meta", "ii:l", BenthosImports::getMetadata),
        HostImport.of(MODULE, "v0_msg_set_meta", "iiii:", BenthosImports::setMetadata));
  }

  private static long give(Call call, GuestMemory memory, byte @Nullable [] bytes) {
    return state(call).give(memory, bytes);
  }

  private static long setBytes(Call call, GuestMemory memory, long[] args) {
    if (Integer.toUnsignedLong((int) args[1]) > call.settings().limits().outputBytes()) {
      throw new GuestStop.OutputExceeded();
    }
    BenthosState state = state(call);
    state.data(state.take(memory, (int) args[0], (int) args[1]));
    return 0;
  }

  private static long getMetadata(Call call, GuestMemory memory, long[] args) {
    BenthosState state = state(call);
    String name = text(state.take(memory, (int) args[0], (int) args[1]));
    return state.give(memory, state.metadata(name));
  }

  private static long setMetadata(Call call, GuestMemory memory, long[] args) {
    BenthosState state = state(call);
    String name = text(state.take(memory, (int) args[0], (int) args[1]));
    String value = text(state.take(memory, (int) args[2], (int) args[3]));
    if (!state.metadata(name, value, call.settings().limits().outputBytes())) {
      throw new GuestStop.OutputExceeded();
    }
    return 0;
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static BenthosState state(Call call) {
    return (BenthosState) call.state();
  }
}
