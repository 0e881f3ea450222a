package dev.millrace.worker.wasm;

import dev.millrace.worker.wasm.FunctionSpec.AbiKind;
import java.util.List;

/** The ABIs that there are. */
final class Abis {

  /** In the order in which a module is held against them. */
  static final List<Abi> ALL = List.of(new ExtismAbi(), new MillraceAbi(), new CommandAbi());

  private Abis() {}

  static Abi of(AbiKind kind) {
    return ALL.stream().filter(abi -> abi.kind() == kind).findFirst().orElseThrow();
  }
}
