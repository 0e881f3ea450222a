package dev.millrace.worker.wasm.abi;

import com.dylibso.chicory.runtime.ExportFunction;
import com.dylibso.chicory.runtime.Instance;
import dev.millrace.abi.GuestAbi;
import dev.millrace.worker.wasm.host.Call;
import dev.millrace.worker.wasm.host.Environment;
import dev.millrace.worker.wasm.host.FunctionSettings;
import dev.millrace.worker.wasm.host.Variables;
import dev.millrace.worker.wasm.module.ModuleShape;
import dev.millrace.worker.wasm.spec.AbiSpec;
import dev.millrace.worker.wasm.spec.FunctionSpec;
import dev.millrace.worker.wasm.spec.FunctionSpec.AbiKind;
import dev.millrace.worker.wasm.spec.FunctionSpec.InstanceMode;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** A WASI program: data on standard input, reply on standard output, exit code. */
final class CommandAbi implements Abi {

  @Override
  public AbiKind kind() {
    return AbiKind.COMMAND;
  }

  @Override
  public Optional<String> byImports(ModuleShape module) {
    boolean program =
        module.exportsFunction(GuestExports.START) && !module.exportsFunction(GuestAbi.HANDLE);
    return program && module.importsFrom(GuestAbi.MODULE)
        ? Optional.of(
            "the module exports '" + GuestExports.START + "', and no '" + GuestAbi.HANDLE + "'")
        : Optional.empty();
  }

  @Override
  public Optional<String> byExports(ModuleShape module) {
    return module.exportsFunction(GuestExports.START)
        ? Optional.of("the module exports '" + GuestExports.START + "', as WASI programs do")
        : Optional.empty();
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
          "'instance: reuse' is not possible with the command ABI: a program's _start expects"
              + " memory as it was built; remove it, or export 'handle' (the millrace ABI)");
    }
    for (String collision : FunctionSettings.collisions(spec)) {
      problems.add(
          "the config keys " + collision + " become the same environment variable; rename one");
    }
  }

  @Override
  public boolean repliesByStdout() {
    return true;
  }

  @Override
  public Variables variables(FunctionSpec spec) {
    Map<String, String> all = new HashMap<>(spec.config());
    all.putAll(spec.secrets());
    return Environment.of(spec.name(), all);
  }

  @Override
  public boolean endsInHostCall() {
    return true;
  }

  @Override
  public GuestEntry enter(Instance instance, Call call) {
    ExportFunction start = instance.export(GuestExports.START);
    return () -> {
      start.apply();
      return Ending.DONE;
    };
  }

  @Override
  public Ending exited(int code, Call call) {
    return Ending.ofExit(call.settings().abiSpec(), code, call.said());
  }
}
