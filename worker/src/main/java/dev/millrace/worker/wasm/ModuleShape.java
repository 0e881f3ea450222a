package dev.millrace.worker.wasm;

import java.util.List;
import java.util.Optional;

/**
 * What a module looks like from outside: by this its ABI is chosen and checked.
 *
 * @param imports what it imports, in its order
 * @param exports what it exports, in its order
 */
record ModuleShape(List<Inspection.Import> imports, List<Inspection.Export> exports) {

  /** The signature of a function without parameters and results. */
  static final String NOTHING = "() -> ()";

  private static final String FUNCTION = "function";

  ModuleShape {
    imports = List.copyOf(imports);
    exports = List.copyOf(exports);
  }

  boolean importsFrom(String module) {
    return imports.stream().anyMatch(imported -> imported.module().equals(module));
  }

  Optional<Inspection.Export> export(String name) {
    return exports.stream().filter(export -> export.name().equals(name)).findFirst();
  }

  boolean exportsFunction(String name) {
    return export(name).filter(export -> export.kind().equals(FUNCTION)).isPresent();
  }

  boolean exportsFunction(String name, String signature) {
    return export(name).filter(export -> export.signature().equals(signature)).isPresent();
  }

  /** The names of all exported functions of one signature, in the module's order. */
  List<String> functions(String signature) {
    return exports.stream()
        .filter(export -> export.kind().equals(FUNCTION))
        .filter(export -> export.signature().equals(signature))
        .map(Inspection.Export::name)
        .toList();
  }
}
