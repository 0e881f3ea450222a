package dev.millrace.worker.wasm.abi;

import dev.millrace.abi.GuestAbi;
import dev.millrace.worker.wasm.host.HostImport;
import dev.millrace.worker.wasm.host.MillraceImports;
import dev.millrace.worker.wasm.spec.FunctionSpec.AbiKind;
import dev.millrace.worker.wasm.wasi.WasiImports;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Everything that the host offers to the guests of one ABI: WASI and the module {@code millrace} to
 * all of them, and what their ABI has beside these.
 */
public final class HostCatalog {

  private static final Map<AbiKind, HostCatalog> BY_ABI = new EnumMap<>(AbiKind.class);

  static {
    Abis.ALL.forEach(abi -> BY_ABI.put(abi.kind(), new HostCatalog(abi.imports())));
  }

  private final Map<String, HostImport> byName;
  private final List<String> modules;

  private HostCatalog(List<HostImport> ofAbi) {
    this.byName =
        Stream.of(MillraceImports.all(), WasiImports.all(), ofAbi)
            .flatMap(Collection::stream)
            .collect(Collectors.toUnmodifiableMap(HostImport::fullName, Function.identity()));
    List<String> names = new ArrayList<>(List.of(WasiImports.MODULE, GuestAbi.MODULE));
    ofAbi.stream().map(HostImport::module).distinct().forEach(names::add);
    this.modules = List.copyOf(names);
  }

  /** What the guests of an ABI are offered. */
  public static HostCatalog of(AbiKind abi) {
    HostCatalog catalog = BY_ABI.get(abi);
    if (catalog == null) {
      throw new IllegalStateException("no catalog for " + abi);
    }
    return catalog;
  }

  /** A host function by its import module and name. */
  public Optional<HostImport> find(String module, String name) {
    return Optional.ofNullable(byName.get(module + "." + name));
  }

  /** The import modules that there are. */
  public List<String> modules() {
    return modules;
  }
}
