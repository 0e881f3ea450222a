package dev.millrace.worker.wasm.inspection;

import dev.millrace.worker.wasm.module.ModuleShape;
import dev.millrace.worker.wasm.spec.FunctionSpec.AbiKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a look at a module tells without compiling or running it.
 *
 * @param abi the guest ABI that the function would use; empty if none fits
 * @param abiReason why that one, or why none, in one sentence
 * @param export the function that would be called for each event; empty if that cannot be told
 * @param imports what the module imports, in its order
 * @param exports what the module exports, in its order
 * @param memories the memories that the module declares
 * @param problems what keeps the function from being deployed, one sentence each; empty if nothing
 * @param warnings what lets it be deployed but fails when the guest tries it, one sentence each
 */
public record Inspection(
    Optional<AbiKind> abi,
    String abiReason,
    Optional<String> export,
    List<ModuleShape.Import> imports,
    List<ModuleShape.Export> exports,
    List<ModuleShape.MemoryRange> memories,
    List<String> problems,
    List<String> warnings) {

  public Inspection {
    imports = List.copyOf(imports);
    exports = List.copyOf(exports);
    memories = List.copyOf(memories);
    problems = List.copyOf(problems);
    warnings = List.copyOf(warnings);
  }

  /** Whether the function can be deployed as far as this look can tell. */
  public boolean ok() {
    return problems.isEmpty();
  }

  /** The same with one more problem. */
  Inspection withProblem(String problem) {
    List<String> all = new ArrayList<>(problems);
    all.add(problem);
    return new Inspection(abi, abiReason, export, imports, exports, memories, all, warnings);
  }

  /** Of nothing. */
  public static final Inspection NOTHING = unreadable("nothing was looked at");

  static Inspection unreadable(String problem) {
    return new Inspection(
        Optional.empty(),
        "the module cannot be read",
        Optional.empty(),
        List.of(),
        List.of(),
        List.of(),
        List.of(problem),
        List.of());
  }
}
