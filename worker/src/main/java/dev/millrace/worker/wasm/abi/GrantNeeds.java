package dev.millrace.worker.wasm.abi;

import dev.millrace.abi.GuestAbi;
import dev.millrace.worker.wasm.module.ModuleShape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Which grants a module's imports ask for. */
public final class GrantNeeds {

  /** The manifest's key that grants HTTP requests. */
  public static final String HTTP = "allow.http";

  /** The one that grants claims of keys. */
  public static final String ONCE = "allow.once";

  /** The one that grants key-value stores. */
  public static final String KEY_VALUES = "allow.kv";

  private static final Map<String, String> BY_IMPORT =
      Map.of(
          GuestAbi.MODULE + ".publish", "allow.publish",
          GuestAbi.MODULE + ".once", ONCE,
          GuestAbi.MODULE + ".http", HTTP,
          ExtismImports.MODULE + ".http_request", HTTP,
          ExtismImports.LEGACY_MODULE + "." + ExtismImports.LEGACY_PREFIX + "http_request", HTTP,
          RedpandaImports.MODULE + ".write_record_with_options", "allow.publish");

  private static final String KEY_VALUES_PREFIX = GuestAbi.MODULE + ".kv_";

  private GrantNeeds() {}

  /** The imports that need a grant, by the key of the manifest that grants it. */
  public static Map<String, List<String>> of(List<ModuleShape.Import> imports) {
    Map<String, List<String>> needs = new TreeMap<>();
    for (ModuleShape.Import imported : imports) {
      String name = imported.module() + "." + imported.name();
      grant(name)
          .ifPresent(grant -> needs.computeIfAbsent(grant, key -> new ArrayList<>()).add(name));
    }
    return needs;
  }

  /**
   * The key of the manifest that grants an import; empty if it needs no grant.
   *
   * @param name import module and name, with a dot in between
   */
  public static Optional<String> grant(String name) {
    return name.startsWith(KEY_VALUES_PREFIX)
        ? Optional.of(KEY_VALUES)
        : Optional.ofNullable(BY_IMPORT.get(name));
  }
}
