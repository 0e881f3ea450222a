package dev.millrace.worker.wasm.abi;

import com.dylibso.chicory.runtime.ExportFunction;
import com.dylibso.chicory.runtime.Instance;
import dev.millrace.abi.GuestAbi;
import dev.millrace.triggers.FailureKind;
import dev.millrace.worker.wasm.host.Call;
import dev.millrace.worker.wasm.module.ModuleShape;
import dev.millrace.worker.wasm.spec.AbiSpec;
import dev.millrace.worker.wasm.spec.FunctionSpec;
import dev.millrace.worker.wasm.spec.FunctionSpec.AbiKind;
import java.util.Optional;

/** The import module {@code millrace} and an export {@code handle}. */
final class MillraceAbi implements Abi {

  static final String HANDLE_SIGNATURE = "() -> (i32)";

  @Override
  public AbiKind kind() {
    return AbiKind.MILLRACE;
  }

  @Override
  public Optional<String> byImports(ModuleShape module) {
    return module.importsFrom(GuestAbi.MODULE)
        ? Optional.of("the module imports from '" + GuestAbi.MODULE + "'")
        : Optional.empty();
  }

  @Override
  public Optional<String> byExports(ModuleShape module) {
    return module.exportsFunction(GuestAbi.HANDLE)
        ? Optional.of("the module exports '" + GuestAbi.HANDLE + "'")
        : Optional.empty();
  }

  @Override
  public Optional<String> export(AbiSpec spec, ModuleShape module) {
    return Optional.of(GuestAbi.HANDLE);
  }

  @Override
  public void check(FunctionSpec spec, ModuleShape module, ModuleProblems problems) {
    problems.requireFixed(spec.abi(), GuestAbi.HANDLE);
    problems.require(GuestAbi.HANDLE, HANDLE_SIGNATURE);
    problems.allow(GuestExports.INITIALIZE, ModuleShape.NOTHING);
  }

  @Override
  public GuestEntry enter(Instance instance, Call call) {
    GuestExports.callIfPresent(instance, GuestExports.INITIALIZE);
    ExportFunction handle = instance.export(GuestAbi.HANDLE);
    return () -> ending((int) GuestExports.result(handle.apply()), call);
  }

  @Override
  public Ending exited(int code, Call call) {
    return Ending.unexpectedExit(code, call.said());
  }

  private static Ending ending(int result, Call call) {
    return switch (result) {
      case GuestAbi.HANDLE_DONE -> Ending.DONE;
      case GuestAbi.HANDLE_RETRY -> new Ending.Retry(call.reason());
      case GuestAbi.HANDLE_REJECT -> new Ending.Reject(call.reason());
      default ->
          new Ending.Failed(
              FailureKind.BROKEN_CONTRACT,
              "'handle' answered " + result + "; it must be 0 (done), 1 (retry) or 2 (reject)",
              "");
    };
  }
}
