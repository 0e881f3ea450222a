package dev.millrace.worker.wasm.spec;

import dev.millrace.abi.GuestAbi;
import dev.millrace.worker.wasm.spec.FunctionSpec.AbiKind;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What the manifest says of how a function is called.
 *
 * @param kind the guest ABI; empty to choose it by the module's imports and exports
 * @param export the function that is called for each event, where the ABI leaves the name open;
 *     empty to choose it by the module's exports
 * @param rejectCodes the exit codes and return codes by which a guest rejects its event, where the
 *     ABI knows such codes; none is 0. Default 65
 */
public record AbiSpec(Optional<AbiKind> kind, Optional<String> export, Set<Integer> rejectCodes) {

  /** Everything by the module. */
  public static final AbiSpec AUTO =
      new AbiSpec(Optional.empty(), Optional.empty(), Set.of(GuestAbi.EXIT_REJECT));

  public AbiSpec {
    rejectCodes = Set.copyOf(rejectCodes);
    if (rejectCodes.contains(GuestAbi.EXIT_DONE)) {
      throw new IllegalArgumentException("0 is done and cannot be a reject code");
    }
  }

  /** A certain ABI, and the rest by the module. */
  public static AbiSpec of(AbiKind kind) {
    return new AbiSpec(Optional.of(kind), Optional.empty(), AUTO.rejectCodes);
  }

  /** The same with another function to call. */
  public AbiSpec withExport(String name) {
    return new AbiSpec(kind, Optional.of(name), rejectCodes);
  }

  /** The reject codes in ascending order, for what must be the same each time. */
  public Set<Integer> orderedRejectCodes() {
    return new TreeSet<>(rejectCodes);
  }
}
