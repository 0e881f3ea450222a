package dev.millrace.worker.wasm.abi;

import com.dylibso.chicory.runtime.ExportFunction;
import com.dylibso.chicory.runtime.Instance;
import dev.millrace.triggers.FailureKind;
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
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Extism plugins: an exported function without parameters, which gets its input and leaves its
 * output through the imports of {@code extism:host/env}, and returns 0 or a code.
 */
final class ExtismAbi implements Abi {

  private static final String USER_MODULE = "extism:host/user";
  private static final String RETURNS_CODE = "() -> (i32)";
  private static final String CONSTRUCTORS = "__wasm_call_ctors";
  private static final String HASKELL = "hs_init";

  /** Names of functions that initialize a runtime and are never meant. */
  private static final Set<String> NEVER_MEANT =
      Set.of(GuestExports.START, GuestExports.INITIALIZE, CONSTRUCTORS, HASKELL, "hs_exit");

  private static final List<String> USUAL = List.of("handle", "run", "process", "call");

  @Override
  public AbiKind kind() {
    return AbiKind.EXTISM;
  }

  @Override
  public Optional<String> byImports(ModuleShape module) {
    for (String name : List.of(ExtismImports.MODULE, USER_MODULE)) {
      if (module.importsFrom(name)) {
        return Optional.of("the module imports from '" + name + "', as Extism plugins do");
      }
    }
    return module.imports().stream().anyMatch(ExtismAbi::isLegacy)
        ? Optional.of("the module imports extism_… from 'env', as Extism plugins before 1.0 do")
        : Optional.empty();
  }

  @Override
  public List<HostImport> imports() {
    return ExtismImports.all();
  }

  @Override
  public Map<String, String> refusedModules() {
    return Map.of(
        USER_MODULE,
        "the functions of 'extism:host/user' are an application's own, and there is none here;"
            + " build the plugin without them");
  }

  @Override
  public Optional<String> export(AbiSpec spec, ModuleShape module) {
    if (spec.export().isPresent()) {
      return spec.export();
    }
    List<String> candidates = candidates(module);
    return candidates.size() == 1
        ? Optional.of(candidates.getFirst())
        : USUAL.stream().filter(candidates::contains).findFirst();
  }

  @Override
  public void check(FunctionSpec spec, ModuleShape module, ModuleProblems problems) {
    Optional<String> export = export(spec.abi(), module);
    problems.requireChoice(export, candidates(module), RETURNS_CODE);
    export.ifPresent(name -> problems.requireOneOf(name, RETURNS_CODE, ModuleShape.NOTHING));
    problems.allow(GuestExports.INITIALIZE, ModuleShape.NOTHING);
    problems.allow(CONSTRUCTORS, ModuleShape.NOTHING);
    problems.allow(HASKELL, "(i32, i32) -> ()", "(i32, i32) -> (i32)");
  }

  @Override
  public HostState newState(MemoryBudget budget) {
    return new ExtismState(budget);
  }

  @Override
  public GuestEntry enter(Instance instance, Call call) {
    initialize(instance);
    ExtismState state = (ExtismState) call.state();
    ExportFunction function = instance.export(call.settings().export());
    return () -> run(function, state, call);
  }

  @Override
  public Ending exited(int code, Call call) {
    String error = ((ExtismState) call.state()).errorText();
    if (code == 0) {
      return error.isEmpty() ? done(call) : failed("ended with exit code 0 and an error", error);
    }
    return Ending.ofExit(call.settings().abiSpec(), code, said(error, call));
  }

  /** In the order of Extism's own hosts, which know a runtime by what it exports. */
  private static void initialize(Instance instance) {
    Optional<ExportFunction> haskell = GuestExports.find(instance, HASKELL);
    if (haskell.isPresent()) {
      GuestExports.callIfPresent(instance, GuestExports.INITIALIZE);
      haskell.get().apply(0, 0);
    } else if (!GuestExports.callIfPresent(instance, CONSTRUCTORS)) {
      GuestExports.callIfPresent(instance, GuestExports.INITIALIZE);
    }
  }

  private static Ending run(ExportFunction function, ExtismState state, Call call) {
    byte[] data = call.data();
    if (!state.begin(data)) {
      return new Ending.Failed(
          FailureKind.MEMORY_LIMIT,
          "has no room for data of "
              + (data == null ? 0 : data.length)
              + " bytes within limits.memory "
              + call.settings().limits().memoryBytes()
              + "; raise the limit",
          "");
    }
    int code;
    try {
      code = (int) GuestExports.result(function.apply());
    } catch (GuestStop stop) {
      throw stop;
    } catch (RuntimeException trap) {
      // A plugin that traps may have said why; the log's last line goes with the failure.
      String error = state.errorText();
      if (!error.isEmpty()) {
        call.log().line("ERROR " + error);
      }
      throw trap;
    }
    String error = state.errorText();
    if (code == 0) {
      return error.isEmpty() ? done(call) : failed("returned 0 and an error", error);
    }
    return Ending.ofCode(call.settings().abiSpec(), code, "returned " + code, said(error, call));
  }

  /** The output is the reply, unless it is empty. */
  private static Ending done(Call call) {
    ExtismState state = (ExtismState) call.state();
    long length = state.outputLength();
    if (length > 0 && call.output().fits(length)) {
      call.output().append(state.memory().read(state.outputOffset(), length));
    }
    return Ending.DONE;
  }

  private static Ending failed(String what, String error) {
    return new Ending.Failed(FailureKind.EXIT_CODE, what, error);
  }

  private static String said(String error, Call call) {
    return error.isEmpty() ? call.log().lastLine() : error;
  }

  private static List<String> candidates(ModuleShape module) {
    return module.functions(RETURNS_CODE).stream()
        .filter(name -> !NEVER_MEANT.contains(name))
        .toList();
  }

  private static boolean isLegacy(ModuleShape.Import imported) {
    return imported.module().equals(ExtismImports.LEGACY_MODULE)
        && imported.name().startsWith(ExtismImports.LEGACY_PREFIX);
  }
}
