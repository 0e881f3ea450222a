package dev.millrace.worker.wasm.inspection;

import com.dylibso.chicory.wasm.WasmModule;
import dev.millrace.abi.GuestAbi;
import dev.millrace.worker.wasm.abi.Abi;
import dev.millrace.worker.wasm.abi.AbiChoice;
import dev.millrace.worker.wasm.abi.Abis;
import dev.millrace.worker.wasm.abi.GrantNeeds;
import dev.millrace.worker.wasm.abi.HostCatalog;
import dev.millrace.worker.wasm.abi.ModuleProblems;
import dev.millrace.worker.wasm.host.HostImport;
import dev.millrace.worker.wasm.memory.CappedTable;
import dev.millrace.worker.wasm.module.InstructionScan;
import dev.millrace.worker.wasm.module.ModuleShape;
import dev.millrace.worker.wasm.spec.FunctionSpec;
import dev.millrace.worker.wasm.spec.FunctionSpec.AbiKind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Looks at a module and at what the manifest says of it, and lists all that does not fit. */
final class Inspector {

  private static final String PUBLISH = GuestAbi.MODULE + ".publish";
  private static final int NAMES_SHOWN = 8;

  private final FunctionSpec spec;
  private final WasmModule module;
  private final InstructionScan scan;
  private final List<String> problems = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();

  private Inspector(FunctionSpec spec, WasmModule module, InstructionScan scan) {
    this.spec = spec;
    this.module = module;
    this.scan = scan;
  }

  static Inspection inspect(FunctionSpec spec, WasmModule module, InstructionScan scan) {
    return new Inspector(spec, module, scan).inspect();
  }

  private Inspection inspect() {
    ModuleShape shape = ModuleShape.of(module);
    AbiChoice choice = AbiChoice.of(spec.abi(), shape);
    Optional<Abi> abi = choice.abi().map(Abis::of);
    HostCatalog catalog = HostCatalog.of(choice.abi().orElse(AbiKind.MILLRACE));
    List<ModuleShape.Import> imports =
        shape.imports().stream().map(i -> i.granted(provided(catalog, i))).toList();
    checkImports(imports, catalog, abi);
    checkInstructions();
    checkMemories(shape.memories());
    checkTables();
    abi.ifPresentOrElse(
        known -> known.check(spec, shape, new ModuleProblems(shape, problems)),
        () -> problems.add(choice.reason()));
    return new Inspection(
        choice.abi(),
        choice.reason(),
        abi.flatMap(known -> known.export(spec.abi(), shape)),
        imports,
        shape.exports(),
        shape.memories(),
        problems,
        warnings);
  }

  private static boolean provided(HostCatalog catalog, ModuleShape.Import imported) {
    return catalog
        .find(imported.module(), imported.name())
        .filter(offered -> ModuleShape.signature(offered.type()).equals(imported.signature()))
        .isPresent();
  }

  private void checkImports(
      List<ModuleShape.Import> imports, HostCatalog catalog, Optional<Abi> abi) {
    List<String> unknown = new ArrayList<>();
    List<String> keyValues = new ArrayList<>();
    Map<String, String> refused = abi.map(Abi::refusedModules).orElse(Map.of());
    Set<String> told = new HashSet<>();
    // The worker's interpreter imports everything, whatever its script asks for.
    boolean own = spec.program().module().isPresent();
    for (ModuleShape.Import imported : imports) {
      String name = imported.module() + "." + imported.name();
      Optional<HostImport> offered = catalog.find(imported.module(), imported.name());
      String refusal = refused.get(imported.module());
      String grant = GrantNeeds.grant(name).orElse("");
      if (refusal != null) {
        if (told.add(imported.module())) {
          problems.add("the module imports " + name + ": " + refusal);
        }
      } else if (offered.isEmpty() || !imported.kind().equals("function")) {
        unknown.add(imported.kind() + " " + name);
      } else if (!imported.granted()) {
        problems.add(
            "the module imports "
                + name
                + " as "
                + imported.signature()
                + ", but it is "
                + ModuleShape.signature(offered.get().type())
                + "; correct its declaration in the guest");
      } else if (name.equals(PUBLISH) && own && spec.grants().publishTo().isEmpty()) {
        warnings.add(
            "the module imports "
                + PUBLISH
                + ", but the manifest grants no destination; list them under allow.publish");
      } else if (grant.equals(GrantNeeds.ONCE) && own && !spec.grants().once()) {
        warnings.add(
            "the module imports "
                + name
                + ", but the manifest does not grant it; write allow: { once: true }");
      } else if (grant.equals(GrantNeeds.KEY_VALUES)
          && own
          && spec.grants().keyValues().isEmpty()) {
        keyValues.add(name);
      } else if (grant.equals(GrantNeeds.HTTP) && own && spec.grants().http().isEmpty()) {
        warnings.add(
            "the module imports "
                + name
                + ", but the manifest grants no origin; list them under allow.http");
      }
    }
    if (!keyValues.isEmpty()) {
      warnings.add(
          "the module imports "
              + String.join(", ", keyValues)
              + ", but the manifest grants no key-value store; list them under allow.kv");
    }
    if (!unknown.isEmpty()) {
      problems.add(
          "the module imports "
              + unknown.stream().limit(NAMES_SHOWN).collect(Collectors.joining(", "))
              + (unknown.size() > NAMES_SHOWN
                  ? " and " + (unknown.size() - NAMES_SHOWN) + " more"
                  : "")
              + ", which the host does not provide; only functions of "
              + listed(catalog.modules())
              + " can be imported");
    }
  }

  /** {@code 'a', 'b' and 'c'}. */
  private static String listed(List<String> names) {
    List<String> quoted = names.stream().map(name -> "'" + name + "'").toList();
    int last = quoted.size() - 1;
    return String.join(", ", quoted.subList(0, last)) + " and " + quoted.get(last);
  }

  private void checkInstructions() {
    if (scan.simd()) {
      problems.add(
          "the module uses SIMD (v128), which the compiler does not support; build it without"
              + " (Rust: -C target-feature=-simd128, clang: -mno-simd128)");
    }
    if (scan.garbageCollected()) {
      problems.add(
          "the module uses garbage-collected types, whose memory cannot be bounded; build it for"
              + " linear memory");
    }
  }

  private void checkMemories(List<ModuleShape.MemoryRange> memories) {
    long minimum = memories.stream().mapToLong(ModuleShape.MemoryRange::minBytes).sum();
    long limit = spec.limits().memoryBytes();
    if (minimum > limit) {
      problems.add(
          "the module starts with "
              + minimum
              + " bytes of memory, more than limits.memory "
              + limit
              + "; raise the limit or build it with a smaller initial memory");
    }
  }

  private void checkTables() {
    int count = module.tableSection().tableCount();
    long entries = 0;
    for (int i = 0; i < count; i++) {
      entries += module.tableSection().getTable(i).limits().min();
    }
    if (entries > CappedTable.MAX_ENTRIES || count > CappedTable.MAX_TABLES) {
      problems.add(
          "the module declares "
              + count
              + " tables with "
              + entries
              + " entries; at most "
              + CappedTable.MAX_TABLES
              + " tables with "
              + CappedTable.MAX_ENTRIES
              + " entries in all are run");
    }
  }
}
