package dev.millrace.worker.wasm;

import dev.millrace.abi.GuestAbi;
import dev.millrace.worker.wasm.FunctionSpec.AbiKind;
import java.util.List;
import java.util.Optional;

/**
 * Which guest ABI a function uses.
 *
 * @param abi the choice; empty if the module fits none
 * @param reason why, in one sentence
 */
record AbiChoice(Optional<AbiKind> abi, String reason) {

  static final String START = "_start";

  /** By the manifest if it says, else by what the module imports and exports. */
  static AbiChoice of(
      Optional<AbiKind> declared,
      List<Inspection.Import> imports,
      List<Inspection.Export> exports) {
    if (declared.isPresent()) {
      return new AbiChoice(declared, "the manifest says so");
    }
    if (imports.stream().anyMatch(i -> i.module().equals(GuestAbi.MODULE))) {
      return chosen(AbiKind.MILLRACE, "the module imports from '" + GuestAbi.MODULE + "'");
    }
    if (exports(exports, START)) {
      return chosen(AbiKind.COMMAND, "the module exports '" + START + "', as WASI programs do");
    }
    if (exports(exports, GuestAbi.HANDLE)) {
      return chosen(AbiKind.MILLRACE, "the module exports '" + GuestAbi.HANDLE + "'");
    }
    return new AbiChoice(
        Optional.empty(),
        "the module exports neither '"
            + START
            + "' (a WASI program) nor '"
            + GuestAbi.HANDLE
            + "' (the millrace ABI)");
  }

  private static AbiChoice chosen(AbiKind abi, String reason) {
    return new AbiChoice(Optional.of(abi), reason);
  }

  private static boolean exports(List<Inspection.Export> exports, String name) {
    return exports.stream().anyMatch(e -> e.name().equals(name) && e.kind().equals("function"));
  }
}
