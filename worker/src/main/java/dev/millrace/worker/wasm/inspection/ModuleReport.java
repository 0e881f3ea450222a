package dev.millrace.worker.wasm.inspection;

import dev.millrace.worker.wasm.abi.GrantNeeds;
import dev.millrace.worker.wasm.module.ComponentShape;
import dev.millrace.worker.wasm.module.ModuleFile.Kind;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * All that can be told of a module's file without running it.
 *
 * @param kind what the file is
 * @param bytes its size; 0 if it cannot be read
 * @param sha256 its digest in hex; empty if it cannot be read
 * @param features the additions to WebAssembly 1.0 that a core module uses, in order
 * @param component what a component is made of
 * @param inspection how it would do as a function, the attempt to compile it included
 */
public record ModuleReport(
    Kind kind,
    long bytes,
    String sha256,
    Set<String> features,
    Optional<ComponentShape> component,
    Inspection inspection) {

  public ModuleReport {
    features = new TreeSet<>(features);
  }

  /** Whether it will run as a function. */
  public boolean runs() {
    return kind == Kind.CORE_MODULE && inspection.ok();
  }

  /** The imports that do nothing without a grant, by the manifest's key that grants it. */
  public Map<String, List<String>> needs() {
    return GrantNeeds.of(inspection.imports());
  }
}
