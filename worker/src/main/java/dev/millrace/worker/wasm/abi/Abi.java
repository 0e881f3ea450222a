package dev.millrace.worker.wasm.abi;

import com.dylibso.chicory.runtime.Instance;
import dev.millrace.worker.wasm.host.Call;
import dev.millrace.worker.wasm.host.HostImport;
import dev.millrace.worker.wasm.host.HostState;
import dev.millrace.worker.wasm.host.Variables;
import dev.millrace.worker.wasm.memory.MemoryBudget;
import dev.millrace.worker.wasm.module.ModuleShape;
import dev.millrace.worker.wasm.spec.AbiSpec;
import dev.millrace.worker.wasm.spec.FunctionSpec;
import dev.millrace.worker.wasm.spec.FunctionSpec.AbiKind;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A guest ABI: which modules speak it, what the host offers them, how an event enters them, and
 * what their end means. Everything else (slots, limits, deadlines, grants, recordings) is the same
 * for all and knows nothing of them.
 *
 * <p>Stateless and shared. What belongs to an invocation is in its {@link Call}, what belongs to a
 * sandbox in a {@link HostState}.
 */
public sealed interface Abi
    permits BenthosAbi, CamelAbi, CommandAbi, ExtismAbi, MillraceAbi, RedpandaAbi {

  AbiKind kind();

  /** Why a module's imports say that it speaks this ABI, as a sentence; empty if they do not. */
  default Optional<String> byImports(ModuleShape module) {
    return Optional.empty();
  }

  /** The same for its exports, which say less: they are asked when no import says anything. */
  default Optional<String> byExports(ModuleShape module) {
    return Optional.empty();
  }

  /** Host functions beside those of WASI and of the module {@code millrace}. */
  default List<HostImport> imports() {
    return List.of();
  }

  /** Import modules that belong to the ABI and that the host cannot provide, and why not. */
  default Map<String, String> refusedModules() {
    return Map.of();
  }

  /** The function that is called for each event; empty if neither manifest nor module tell. */
  Optional<String> export(AbiSpec spec, ModuleShape module);

  /** Finds what keeps a module from being called by this ABI. */
  void check(FunctionSpec spec, ModuleShape module, ModuleProblems problems);

  /** Whether standard output is the reply; it is part of the log otherwise. */
  default boolean repliesByStdout() {
    return false;
  }

  /** The environment variables of its guests. */
  default Variables variables(FunctionSpec spec) {
    return Variables.NONE;
  }

  /**
   * Whether a guest is started for one event and ended by a host call. It unwinds like a trap does,
   * but from a host call that changed nothing, so that memory and globals are all there is to put
   * back.
   */
  default boolean endsInHostCall() {
    return false;
  }

  /** What the host keeps for a sandbox. */
  default HostState newState(MemoryBudget budget) {
    return HostState.NONE;
  }

  /**
   * Initializes a new instance and finds its entry. Guest code may run here, without an event, and
   * end it with any exception.
   */
  GuestEntry enter(Instance instance, Call call);

  /** What it means that the guest ended with an exit code. */
  Ending exited(int code, Call call);
}
