package dev.millrace.worker.wasm.abi;

import dev.millrace.worker.wasm.module.ModuleShape;
import dev.millrace.worker.wasm.spec.AbiSpec;
import java.util.List;
import java.util.Optional;

/** Collects what keeps a module from being a function, one sentence each. */
public final class ModuleProblems {

  private final ModuleShape module;
  private final List<String> sentences;

  /**
   * Collects for one module.
   *
   * @param sentences where they are added
   */
  public ModuleProblems(ModuleShape module, List<String> sentences) {
    this.module = module;
    this.sentences = sentences;
  }

  void add(String sentence) {
    sentences.add(sentence);
  }

  /** Wants an export of one signature. */
  void require(String name, String signature) {
    requireOneOf(name, signature);
  }

  /** Wants an export of one of these signatures. */
  void requireOneOf(String name, String... signatures) {
    Optional<ModuleShape.Export> found = module.export(name);
    if (found.isEmpty()) {
      add(
          "the module does not export '"
              + name
              + "' "
              + signatures[0]
              + "; export it, or set 'abi:' to what the module is");
    } else {
      compare(found.get(), List.of(signatures));
    }
  }

  /** Wants an export, where there is one, to have one of these signatures. */
  void allow(String name, String... signatures) {
    module.export(name).ifPresent(export -> compare(export, List.of(signatures)));
  }

  /** Wants that the manifest names no other function than the one that the ABI calls. */
  void requireFixed(AbiSpec spec, String export) {
    spec.export()
        .filter(name -> !name.equals(export))
        .ifPresent(
            name ->
                add(
                    "'export: "
                        + name
                        + "' is not possible with this ABI, which calls '"
                        + export
                        + "'; remove it"));
  }

  /** Wants that a memory is exported, into which the host writes. */
  void requireMemory() {
    if (module.export("memory").filter(export -> export.kind().equals("memory")).isEmpty()) {
      add("the module does not export its memory as 'memory'; the host could not reach it");
    }
  }

  /**
   * Wants that the manifest or the module says which function to call.
   *
   * @param candidates the functions that could be meant
   * @param signature what they look like
   */
  void requireChoice(Optional<String> chosen, List<String> candidates, String signature) {
    if (chosen.isPresent()) {
      return;
    }
    add(
        candidates.isEmpty()
            ? "the module exports no function " + signature + " that could be called"
            : "the module exports several functions that could be called ("
                + String.join(", ", candidates)
                + "); name one by 'export:'");
  }

  private void compare(ModuleShape.Export export, List<String> wanted) {
    if (!wanted.contains(export.signature())) {
      add(
          "the module exports '"
              + export.name()
              + "' as "
              + export.kind()
              + " "
              + export.signature()
              + ", but it must be a function "
              + String.join(" or ", wanted));
    }
  }
}
