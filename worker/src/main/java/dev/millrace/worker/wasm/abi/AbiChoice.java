package dev.millrace.worker.wasm.abi;

import dev.millrace.abi.GuestAbi;
import dev.millrace.worker.wasm.module.ModuleShape;
import dev.millrace.worker.wasm.spec.AbiSpec;
import dev.millrace.worker.wasm.spec.FunctionSpec.AbiKind;
import java.util.Optional;
import java.util.function.BiFunction;

/**
 * Which guest ABI a function uses.
 *
 * @param abi the choice; empty if the module fits none
 * @param reason why, in one sentence
 */
public record AbiChoice(Optional<AbiKind> abi, String reason) {

  /** By the manifest if it says, else by what the module imports, else by what it exports. */
  public static AbiChoice of(AbiSpec spec, ModuleShape module) {
    if (spec.kind().isPresent()) {
      return new AbiChoice(spec.kind(), "the manifest says so");
    }
    return first(module, Abi::byImports)
        .or(() -> first(module, Abi::byExports))
        .orElseGet(
            () ->
                new AbiChoice(
                    Optional.empty(),
                    "the module exports neither '"
                        + GuestExports.START
                        + "' (a WASI program) nor '"
                        + GuestAbi.HANDLE
                        + "' (the millrace ABI)"));
  }

  private static Optional<AbiChoice> first(
      ModuleShape module, BiFunction<Abi, ModuleShape, Optional<String>> sign) {
    for (Abi abi : Abis.ALL) {
      Optional<String> reason = sign.apply(abi, module);
      if (reason.isPresent()) {
        return Optional.of(new AbiChoice(Optional.of(abi.kind()), reason.get()));
      }
    }
    return Optional.empty();
  }
}
