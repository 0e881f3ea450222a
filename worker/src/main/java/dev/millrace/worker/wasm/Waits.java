package dev.millrace.worker.wasm;

import dev.millrace.worker.wasm.abi.GrantNeeds;
import dev.millrace.worker.wasm.host.KeyValues;
import dev.millrace.worker.wasm.host.Outside;
import dev.millrace.worker.wasm.module.ModuleShape;
import dev.millrace.worker.wasm.spec.Grants;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Whether a guest can come to wait for somebody outside: it asks for that, and may have it. */
final class Waits {

  private Waits() {}

  /**
   * @param imports the module's; an interpreter's are all there are, so that the grants decide
   */
  static boolean of(List<ModuleShape.Import> imports, Grants grants, Outside outside) {
    Set<String> needs = GrantNeeds.of(imports).keySet();
    return (needs.contains(GrantNeeds.HTTP) && !grants.http().isEmpty())
        || (needs.contains(GrantNeeds.ONCE) && grants.once())
        || (needs.contains(GrantNeeds.KEY_VALUES)
            && grants.keyValues().stream()
                .anyMatch(store -> waits(outside.keyValues().get(store))));
  }

  private static boolean waits(@Nullable KeyValues store) {
    return store != null && store.waits();
  }
}
