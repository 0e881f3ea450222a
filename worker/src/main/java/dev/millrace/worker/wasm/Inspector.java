package dev.millrace.worker.wasm;

import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.Export;
import com.dylibso.chicory.wasm.types.ExternalType;
import com.dylibso.chicory.wasm.types.FunctionImport;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.Import;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import com.dylibso.chicory.wasm.types.ValType;
import dev.millrace.abi.GuestAbi;
import dev.millrace.worker.wasm.FunctionSpec.AbiKind;
import dev.millrace.worker.wasm.FunctionSpec.InstanceMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Looks at a module and at what the manifest says of it, and lists all that does not fit. */
final class Inspector {

  static final String INITIALIZE = "_initialize";

  private static final String PUBLISH = GuestAbi.MODULE + ".publish";
  private static final String ONCE = GuestAbi.MODULE + ".once";
  private static final String KEY_VALUES = GuestAbi.MODULE + ".kv_";
  private static final String HTTP = GuestAbi.MODULE + ".http";
  private static final int NAMES_SHOWN = 8;
  private static final FunctionType HANDLE_TYPE = FunctionType.returning(ValType.I32);

  private final FunctionSpec spec;
  private final WasmModule module;
  private final List<String> problems = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();

  private Inspector(FunctionSpec spec, WasmModule module) {
    this.spec = spec;
    this.module = module;
  }

  static Inspection inspect(FunctionSpec spec, WasmModule module) {
    return new Inspector(spec, module).inspect();
  }

  static String signature(FunctionType type) {
    return values(type.params()) + " -> " + values(type.returns());
  }

  private Inspection inspect() {
    List<Inspection.Import> imports = imports();
    List<Inspection.Export> exports = exports();
    List<Inspection.MemoryRange> memories = memories();
    AbiChoice choice = AbiChoice.of(spec.abi(), imports, exports);
    checkImports(imports);
    checkInstructions();
    checkMemories(memories);
    checkTables();
    choice.abi().ifPresentOrElse(this::checkAbi, () -> problems.add(choice.reason()));
    return new Inspection(
        choice.abi(), choice.reason(), imports, exports, memories, problems, warnings);
  }

  private List<Inspection.Import> imports() {
    return module.importSection().stream().map(this::describe).toList();
  }

  private Inspection.Import describe(Import imported) {
    String kind = kind(imported.importType());
    if (!(imported instanceof FunctionImport function)) {
      return new Inspection.Import(imported.module(), imported.name(), kind, "", false);
    }
    FunctionType type = module.typeSection().getType(function.typeIndex());
    boolean granted =
        HostCatalog.find(imported.module(), imported.name())
            .filter(offered -> offered.type().equals(type))
            .isPresent();
    return new Inspection.Import(
        imported.module(), imported.name(), kind, signature(type), granted);
  }

  private List<Inspection.Export> exports() {
    return IntStream.range(0, module.exportSection().exportCount())
        .mapToObj(i -> module.exportSection().getExport(i))
        .map(e -> new Inspection.Export(e.name(), kind(e.exportType()), exportSignature(e)))
        .toList();
  }

  private String exportSignature(Export export) {
    return export.exportType() == ExternalType.FUNCTION ? signature(functionType(export)) : "";
  }

  private FunctionType functionType(Export export) {
    int imported = module.importSection().count(ExternalType.FUNCTION);
    if (export.index() >= imported) {
      return module
          .functionSection()
          .getFunctionType(export.index() - imported, module.typeSection());
    }
    List<FunctionImport> functions =
        module.importSection().stream()
            .filter(FunctionImport.class::isInstance)
            .map(FunctionImport.class::cast)
            .toList();
    return module.typeSection().getType(functions.get(export.index()).typeIndex());
  }

  private List<Inspection.MemoryRange> memories() {
    List<Inspection.MemoryRange> ranges = new ArrayList<>();
    module
        .memorySection()
        .ifPresent(
            section -> {
              for (int i = 0; i < section.memoryCount(); i++) {
                MemoryLimits limits = section.getMemory(i).limits();
                ranges.add(
                    new Inspection.MemoryRange(
                        (long) limits.initialPages() * Memory.PAGE_SIZE,
                        (long) limits.maximumPages() * Memory.PAGE_SIZE));
              }
            });
    return ranges;
  }

  private void checkImports(List<Inspection.Import> imports) {
    List<String> unknown = new ArrayList<>();
    List<String> keyValues = new ArrayList<>();
    for (Inspection.Import imported : imports) {
      String name = imported.module() + "." + imported.name();
      Optional<HostImport> offered = HostCatalog.find(imported.module(), imported.name());
      if (offered.isEmpty() || !imported.kind().equals("function")) {
        unknown.add(imported.kind() + " " + name);
      } else if (!imported.granted()) {
        problems.add(
            "the module imports "
                + name
                + " as "
                + imported.signature()
                + ", but it is "
                + signature(offered.get().type())
                + "; correct its declaration in the guest");
      } else if (name.equals(PUBLISH) && spec.grants().publishTo().isEmpty()) {
        warnings.add(
            "the module imports "
                + PUBLISH
                + ", but the manifest grants no destination; list them under allow.publish");
      } else if (name.equals(ONCE) && !spec.grants().once()) {
        warnings.add(
            "the module imports "
                + ONCE
                + ", but the manifest does not grant it; write allow: { once: true }");
      } else if (name.startsWith(KEY_VALUES) && spec.grants().keyValues().isEmpty()) {
        keyValues.add(name);
      } else if (name.equals(HTTP) && spec.grants().http().isEmpty()) {
        warnings.add(
            "the module imports "
                + HTTP
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
              + ", which the host does not provide; only functions of '"
              + WasiImports.MODULE
              + "' and '"
              + GuestAbi.MODULE
              + "' can be imported");
    }
  }

  private void checkInstructions() {
    InstructionScan scan = InstructionScan.of(module);
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

  private void checkMemories(List<Inspection.MemoryRange> memories) {
    long minimum = memories.stream().mapToLong(Inspection.MemoryRange::minBytes).sum();
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

  private void checkAbi(AbiKind abi) {
    switch (abi) {
      case COMMAND -> {
        checkExport(AbiChoice.START, FunctionType.empty(), true);
        if (spec.instance() == InstanceMode.REUSE) {
          problems.add(
              "'instance: reuse' is not possible with the command ABI: a program's _start expects"
                  + " memory as it was built; remove it, or export 'handle' (the millrace ABI)");
        }
        for (String collision : FunctionSettings.collisions(spec)) {
          problems.add(
              "the config keys " + collision + " become the same environment variable; rename one");
        }
      }
      case MILLRACE -> {
        checkExport(GuestAbi.HANDLE, HANDLE_TYPE, true);
        checkExport(INITIALIZE, FunctionType.empty(), false);
      }
    }
  }

  private void checkExport(String name, FunctionType wanted, boolean required) {
    Optional<Export> found =
        IntStream.range(0, module.exportSection().exportCount())
            .mapToObj(i -> module.exportSection().getExport(i))
            .filter(e -> e.name().equals(name))
            .findFirst();
    if (found.isEmpty()) {
      if (required) {
        problems.add(
            "the module does not export '"
                + name
                + "' "
                + signature(wanted)
                + "; export it, or set 'abi:' to what the module is");
      }
      return;
    }
    Export export = found.get();
    if (export.exportType() != ExternalType.FUNCTION || !functionType(export).equals(wanted)) {
      problems.add(
          "the module exports '"
              + name
              + "' as "
              + kind(export.exportType())
              + " "
              + exportSignature(export)
              + ", but it must be a function "
              + signature(wanted));
    }
  }

  private static String kind(ExternalType type) {
    return type.name().toLowerCase(Locale.ROOT);
  }

  private static String values(List<ValType> types) {
    return types.stream()
        .map(type -> type.name().toLowerCase(Locale.ROOT))
        .collect(Collectors.joining(", ", "(", ")"));
  }
}
