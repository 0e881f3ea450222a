package dev.millrace.worker.wasm.module;

import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.ExternalType;
import com.dylibso.chicory.wasm.types.FunctionImport;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import com.dylibso.chicory.wasm.types.ValType;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What a module looks like from outside: by this its ABI is chosen and checked.
 *
 * @param imports what it imports, in its order
 * @param exports what it exports, in its order
 * @param memories the memories that it declares, in its order
 */
public record ModuleShape(List<Import> imports, List<Export> exports, List<MemoryRange> memories) {

  /** The signature of a function without parameters and results. */
  public static final String NOTHING = "() -> ()";

  private static final String FUNCTION = "function";

  /**
   * One import.
   *
   * @param kind {@code function}, {@code memory}, {@code table}, {@code global} or {@code tag}
   * @param signature a function's type, as {@code (i32, i32) -> (i32)}; empty for other kinds
   * @param granted whether the host provides it with this signature
   */
  public record Import(String module, String name, String kind, String signature, boolean granted) {

    /** The same, provided by the host or not. */
    public Import granted(boolean provided) {
      return new Import(module, name, kind, signature, provided);
    }
  }

  /**
   * One export.
   *
   * @param kind as for an import
   * @param signature as for an import
   */
  public record Export(String name, String kind, String signature) {}

  /**
   * The size of one memory.
   *
   * @param minBytes its initial size
   * @param maxBytes the size that it may grow to; 4 GiB if the module sets no bound
   */
  public record MemoryRange(long minBytes, long maxBytes) {}

  public ModuleShape {
    imports = List.copyOf(imports);
    exports = List.copyOf(exports);
    memories = List.copyOf(memories);
  }

  /** That of a module, with or without the bodies of its functions. Nothing is granted yet. */
  public static ModuleShape of(WasmModule module) {
    return new ModuleShape(imports(module), exports(module), memories(module));
  }

  /** A function's type, as {@code (i32, i32) -> (i32)}. */
  public static String signature(FunctionType type) {
    return values(type.params()) + " -> " + values(type.returns());
  }

  /** Whether it imports anything from an import module. */
  public boolean importsFrom(String module) {
    return imports.stream().anyMatch(imported -> imported.module().equals(module));
  }

  /** What it exports by a name. */
  public Optional<Export> export(String name) {
    return exports.stream().filter(export -> export.name().equals(name)).findFirst();
  }

  /** Whether it exports a function by a name. */
  public boolean exportsFunction(String name) {
    return export(name).filter(export -> export.kind().equals(FUNCTION)).isPresent();
  }

  /** The same, with this signature. */
  public boolean exportsFunction(String name, String signature) {
    return export(name).filter(export -> export.signature().equals(signature)).isPresent();
  }

  /** The names of all exported functions of one signature, in the module's order. */
  public List<String> functions(String signature) {
    return exports.stream()
        .filter(export -> export.kind().equals(FUNCTION))
        .filter(export -> export.signature().equals(signature))
        .map(Export::name)
        .toList();
  }

  private static List<Import> imports(WasmModule module) {
    return module.importSection().stream().map(imported -> describe(module, imported)).toList();
  }

  private static Import describe(
      WasmModule module, com.dylibso.chicory.wasm.types.Import imported) {
    String signature =
        imported instanceof FunctionImport function
            ? signature(module.typeSection().getType(function.typeIndex()))
            : "";
    return new Import(
        imported.module(), imported.name(), kind(imported.importType()), signature, false);
  }

  private static List<Export> exports(WasmModule module) {
    return IntStream.range(0, module.exportSection().exportCount())
        .mapToObj(i -> module.exportSection().getExport(i))
        .map(each -> describe(module, each))
        .toList();
  }

  private static Export describe(
      WasmModule module, com.dylibso.chicory.wasm.types.Export exported) {
    String signature =
        exported.exportType() == ExternalType.FUNCTION
            ? signature(functionType(module, exported.index()))
            : "";
    return new Export(exported.name(), kind(exported.exportType()), signature);
  }

  private static FunctionType functionType(WasmModule module, int index) {
    int imported = module.importSection().count(ExternalType.FUNCTION);
    if (index >= imported) {
      return module.functionSection().getFunctionType(index - imported, module.typeSection());
    }
    List<FunctionImport> functions =
        module.importSection().stream()
            .filter(FunctionImport.class::isInstance)
            .map(FunctionImport.class::cast)
            .toList();
    return module.typeSection().getType(functions.get(index).typeIndex());
  }

  private static List<MemoryRange> memories(WasmModule module) {
    List<MemoryRange> ranges = new ArrayList<>();
    module
        .memorySection()
        .ifPresent(
            section -> {
              for (int i = 0; i < section.memoryCount(); i++) {
                MemoryLimits limits = section.getMemory(i).limits();
                ranges.add(
                    new MemoryRange(
                        (long) limits.initialPages() * Memory.PAGE_SIZE,
                        (long) limits.maximumPages() * Memory.PAGE_SIZE));
              }
            });
    return ranges;
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
