package dev.millrace.worker.wasm.abi;

import dev.millrace.worker.wasm.spec.FunctionSpec.AbiKind;
import java.util.List;

/** The ABIs that there are. */
public final class Abis {

  /** In the order in which a module is held against them. */
  static final List<Abi> ALL =
      List.of(
          new ExtismAbi(),
          new RedpandaAbi(),
          new BenthosAbi(),
          new CamelAbi(),
          new CommandAbi(),
          new MillraceAbi());

  private Abis() {}

  /** The one of a kind. */
  public static Abi of(AbiKind kind) {
    return ALL.stream().filter(abi -> abi.kind() == kind).findFirst().orElseThrow();
  }
}
