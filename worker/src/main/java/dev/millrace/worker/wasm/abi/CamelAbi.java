package dev.millrace.worker.wasm.abi;

import com.dylibso.chicory.runtime.ExportFunction;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Memory;
import dev.millrace.abi.GuestAbi;
import dev.millrace.abi.Header;
import dev.millrace.triggers.FailureKind;
import dev.millrace.worker.dispatch.Invocation;
import dev.millrace.worker.wasm.host.Call;
import dev.millrace.worker.wasm.host.GuestMemory;
import dev.millrace.worker.wasm.host.GuestStop;
import dev.millrace.worker.wasm.module.ModuleShape;
import dev.millrace.worker.wasm.spec.AbiSpec;
import dev.millrace.worker.wasm.spec.FunctionSpec;
import dev.millrace.worker.wasm.spec.FunctionSpec.AbiKind;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * Functions for Apache Camel's wasm component and its wasm expressions: an exported function that
 * gets pointer and size of an envelope, and returns pointer and size of its answer in one i64. The
 * highest bit of the size says that the answer is an error message.
 */
final class CamelAbi implements Abi {

  private static final String ALLOCATE = "alloc";
  private static final String DEALLOCATE = "dealloc";
  private static final String FUNCTION_SIGNATURE = "(i32, i32) -> (i64)";
  private static final String ALLOCATE_SIGNATURE = "(i32) -> (i32)";
  private static final String DEALLOCATE_SIGNATURE = "(i32, i32) -> ()";
  private static final String USUAL = "process";

  /** What an envelope may have beside twice the output's limit. */
  private static final int ENVELOPE_BYTES = 64 << 10;

  @Override
  public AbiKind kind() {
    return AbiKind.CAMEL;
  }

  @Override
  public Optional<String> byExports(ModuleShape module) {
    boolean fits =
        module.exportsFunction(ALLOCATE, ALLOCATE_SIGNATURE)
            && module.exportsFunction(DEALLOCATE, DEALLOCATE_SIGNATURE)
            && !module.functions(FUNCTION_SIGNATURE).isEmpty()
            && !module.exportsFunction(GuestAbi.HANDLE, MillraceAbi.HANDLE_SIGNATURE);
    return fits
        ? Optional.of(
            "the module exports 'alloc', 'dealloc' and a function "
                + FUNCTION_SIGNATURE
                + ", as functions for Camel do")
        : Optional.empty();
  }

  @Override
  public Optional<String> export(AbiSpec spec, ModuleShape module) {
    if (spec.export().isPresent()) {
      return spec.export();
    }
    List<String> candidates = module.functions(FUNCTION_SIGNATURE);
    return candidates.size() == 1 || candidates.contains(USUAL)
        ? Optional.of(candidates.size() == 1 ? candidates.getFirst() : USUAL)
        : Optional.empty();
  }

  @Override
  public void check(FunctionSpec spec, ModuleShape module, ModuleProblems problems) {
    Optional<String> export = export(spec.abi(), module);
    problems.requireChoice(export, module.functions(FUNCTION_SIGNATURE), FUNCTION_SIGNATURE);
    export.ifPresent(name -> problems.require(name, FUNCTION_SIGNATURE));
    problems.require(ALLOCATE, ALLOCATE_SIGNATURE);
    problems.require(DEALLOCATE, DEALLOCATE_SIGNATURE);
    problems.allow(GuestExports.INITIALIZE, ModuleShape.NOTHING);
    problems.requireMemory();
  }

  @Override
  public GuestEntry enter(Instance instance, Call call) {
    GuestExports.callIfPresent(instance, GuestExports.INITIALIZE);
    Functions functions =
        new Functions(
            instance.export(call.settings().export()),
            instance.export(ALLOCATE),
            instance.export(DEALLOCATE));
    GuestMemory memory = new GuestMemory();
    return () -> run(functions, instance.memory(), memory, call);
  }

  @Override
  public Ending exited(int code, Call call) {
    return Ending.unexpectedExit(code, call.log().lastLine());
  }

  private record Functions(
      ExportFunction function, ExportFunction allocate, ExportFunction deallocate) {}

  private static Ending run(Functions guest, Memory memory, GuestMemory view, Call call) {
    Invocation invocation = call.invocation();
    if (invocation == null) {
      throw new IllegalStateException("a function is called for an event");
    }
    String function = call.settings().export();
    byte[] in = CamelEnvelope.of(invocation, call.settings().name()).encode();
    int pointer = (int) GuestExports.result(guest.allocate.apply(in.length));
    view.enter(memory, "back from 'alloc'").write(pointer, in, 0, in.length);
    long packed = GuestExports.result(guest.function.apply(pointer, in.length));
    int outPointer = (int) (packed >>> Integer.SIZE);
    boolean error = (int) packed < 0;
    int size = (int) packed & Integer.MAX_VALUE;
    long mostBytes = 2L * call.settings().limits().outputBytes() + ENVELOPE_BYTES;
    if (!error && size > mostBytes) {
      throw new GuestStop.OutputExceeded();
    }
    view.enter(memory, "back from '" + function + "'").check(outPointer, size);
    byte[] out = view.read(outPointer, error ? Math.min(size, Call.REASON_LIMIT_BYTES) : size);
    guest.deallocate.apply(pointer, in.length);
    guest.deallocate.apply(outPointer, size);
    return error
        ? new Ending.Retry(new String(out, StandardCharsets.UTF_8))
        : done(call, invocation, out);
  }

  /** An envelope's body is the reply; what is no envelope is an expression's result, as it is. */
  private static Ending done(Call call, Invocation invocation, byte[] out) {
    Optional<CamelEnvelope> envelope = CamelEnvelope.decode(out);
    byte[] reply = envelope.isPresent() ? envelope.get().body() : out;
    if (reply == null) {
      return Ending.DONE;
    }
    List<Header> headers =
        envelope
            .map(e -> e.outgoing(CamelEnvelope.fromHost(invocation, call.settings().name())))
            .orElse(List.of());
    return call.output().reply(reply, headers)
        ? Ending.DONE
        : new Ending.Failed(FailureKind.OUTPUT_LIMIT, "answers more than limits.output", "");
  }
}
