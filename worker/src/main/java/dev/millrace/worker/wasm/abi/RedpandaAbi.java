package dev.millrace.worker.wasm.abi;

import com.dylibso.chicory.runtime.ExportFunction;
import com.dylibso.chicory.runtime.Instance;
import dev.millrace.triggers.FailureKind;
import dev.millrace.worker.dispatch.Invocation;
import dev.millrace.worker.wasm.host.Call;
import dev.millrace.worker.wasm.host.GuestStop;
import dev.millrace.worker.wasm.host.HostImport;
import dev.millrace.worker.wasm.host.HostState;
import dev.millrace.worker.wasm.host.Variables;
import dev.millrace.worker.wasm.memory.MemoryBudget;
import dev.millrace.worker.wasm.module.ModuleShape;
import dev.millrace.worker.wasm.spec.AbiSpec;
import dev.millrace.worker.wasm.spec.FunctionSpec;
import dev.millrace.worker.wasm.spec.FunctionSpec.AbiKind;
import dev.millrace.worker.wasm.spec.FunctionSpec.InstanceMode;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Redpanda data transforms: programs whose {@code _start} asks for one batch of records after the
 * other and never returns. Here a transform is started for each event, and ended when it asks for
 * the batch after it.
 */
final class RedpandaAbi implements Abi {

  private static final String SCHEMA_REGISTRY = "redpanda_schema_registry";

  @Override
  public AbiKind kind() {
    return AbiKind.REDPANDA;
  }

  @Override
  public Optional<String> byImports(ModuleShape module) {
    return module.importsFrom(RedpandaImports.MODULE)
        ? Optional.of(
            "the module imports from '"
                + RedpandaImports.MODULE
                + "', as Redpanda's data transforms do")
        : Optional.empty();
  }

  @Override
  public List<HostImport> imports() {
    return RedpandaImports.all();
  }

  @Override
  public Map<String, String> refusedModules() {
    return Map.of(
        SCHEMA_REGISTRY,
        "there is no schema registry for transforms; build it without one, and decode in the"
            + " transform itself");
  }

  @Override
  public Optional<String> export(AbiSpec spec, ModuleShape module) {
    return Optional.of(GuestExports.START);
  }

  @Override
  public void check(FunctionSpec spec, ModuleShape module, ModuleProblems problems) {
    problems.requireFixed(spec.abi(), GuestExports.START);
    problems.require(GuestExports.START, ModuleShape.NOTHING);
    if (spec.instance() == InstanceMode.REUSE) {
      problems.add(
          "'instance: reuse' is not possible with Redpanda's transforms: one is ended in the middle"
              + " of _start, where it waits for the next record, and cannot be gone on with; remove"
              + " it");
    }
  }

  @Override
  public Variables variables(FunctionSpec spec) {
    return new RedpandaVariables(spec);
  }

  @Override
  public boolean endsInHostCall() {
    return true;
  }

  @Override
  public HostState newState(MemoryBudget budget) {
    return new RedpandaState();
  }

  @Override
  public GuestEntry enter(Instance instance, Call call) {
    ExportFunction start = instance.export(GuestExports.START);
    RedpandaState state = (RedpandaState) call.state();
    return () -> {
      Invocation invocation = call.invocation();
      if (invocation == null) {
        throw new IllegalStateException("a transform is started for an event");
      }
      state.begin(RedpandaRecord.of(invocation.event()).encode());
      try {
        start.apply();
      } catch (GuestStop.Finished finished) {
        return Ending.DONE;
      }
      return endedByItself();
    };
  }

  @Override
  public Ending exited(int code, Call call) {
    return code == 0
        ? endedByItself()
        : Ending.ofExit(call.settings().abiSpec(), code, call.log().lastLine());
  }

  private static Ending endedByItself() {
    return new Ending.Failed(
        FailureKind.EXIT_CODE,
        "ended by itself; a transform is done when it asks for the record after its own",
        "");
  }
}
