package dev.millrace.worker.wasm.abi;

import com.dylibso.chicory.runtime.ExportFunction;
import com.dylibso.chicory.runtime.Instance;
import dev.millrace.triggers.FailureKind;
import dev.millrace.worker.dispatch.Invocation;
import dev.millrace.worker.wasm.host.Call;
import dev.millrace.worker.wasm.host.GuestStop;
import dev.millrace.worker.wasm.host.HostImport;
import dev.millrace.worker.wasm.host.HostState;
import dev.millrace.worker.wasm.memory.MemoryBudget;
import dev.millrace.worker.wasm.module.ModuleShape;
import dev.millrace.worker.wasm.spec.AbiSpec;
import dev.millrace.worker.wasm.spec.FunctionSpec;
import dev.millrace.worker.wasm.spec.FunctionSpec.AbiKind;
import java.util.List;
import java.util.Optional;

/**
 * Processors for the {@code wasm} processor of Redpanda Connect (Benthos): an exported function
 * without parameters, which reads and changes the message at hand through {@code benthos_wasm}.
 */
final class BenthosAbi implements Abi {

  private static final String USUAL = "process";
  private static final String ALLOCATE_SIGNATURE = "(i32) -> (i32)";

  @Override
  public AbiKind kind() {
    return AbiKind.BENTHOS;
  }

  @Override
  public Optional<String> byImports(ModuleShape module) {
    return module.importsFrom(BenthosImports.MODULE)
        ? Optional.of(
            "the module imports from '"
                + BenthosImports.MODULE
                + "', as processors for Redpanda Connect do")
        : Optional.empty();
  }

  @Override
  public List<HostImport> imports() {
    return BenthosImports.all();
  }

  @Override
  public Optional<String> export(AbiSpec spec, ModuleShape module) {
    return spec.export().or(() -> Optional.of(USUAL));
  }

  @Override
  public void check(FunctionSpec spec, ModuleShape module, ModuleProblems problems) {
    problems.require(spec.abi().export().orElse(USUAL), ModuleShape.NOTHING);
    problems.allow(GuestExports.INITIALIZE, ModuleShape.NOTHING);
    problems.allow(GuestExports.START, ModuleShape.NOTHING);
    problems.allow("malloc", ALLOCATE_SIGNATURE);
    problems.allow("allocate", ALLOCATE_SIGNATURE);
    problems.allow("free", "(i32) -> ()");
    problems.allow("deallocate", "(i32, i32) -> ()");
    problems.requireMemory();
  }

  @Override
  public HostState newState(MemoryBudget budget) {
    return new BenthosState();
  }

  @Override
  public GuestEntry enter(Instance instance, Call call) {
    initialize(instance);
    BenthosState state = (BenthosState) call.state();
    state.attach(instance);
    ExportFunction process = instance.export(call.settings().export());
    return () -> run(process, state, call);
  }

  @Override
  public Ending exited(int code, Call call) {
    return code == 0
        ? Ending.unexpectedExit(code, call.log().lastLine())
        : Ending.ofExit(call.settings().abiSpec(), code, call.log().lastLine());
  }

  /** A module that is a program runs its main function first, which may end by exit 0. */
  private static void initialize(Instance instance) {
    if (GuestExports.callIfPresent(instance, GuestExports.INITIALIZE)) {
      return;
    }
    try {
      GuestExports.callIfPresent(instance, GuestExports.START);
    } catch (GuestStop.Exit exit) {
      if (exit.code() != 0) {
        throw exit;
      }
    }
  }

  private static Ending run(ExportFunction process, BenthosState state, Call call) {
    Invocation invocation = call.invocation();
    state.begin(invocation == null ? null : invocation.event());
    process.apply();
    state.freeAll();
    byte[] reply = state.data();
    return reply == null || call.output().reply(reply, state.outgoing())
        ? Ending.DONE
        : new Ending.Failed(FailureKind.OUTPUT_LIMIT, "answers more than limits.output", "");
  }
}
