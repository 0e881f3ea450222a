package dev.millrace.worker.wasm.module;

import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.AnnotatedInstruction;
import com.dylibso.chicory.wasm.types.FunctionBody;
import com.dylibso.chicory.wasm.types.Global;
import com.dylibso.chicory.wasm.types.MutabilityType;
import com.dylibso.chicory.wasm.types.OpCode;
import com.dylibso.chicory.wasm.types.ValType;
import java.util.EnumSet;
import java.util.Set;

/**
 * What a module's instructions say about how it can be run.
 *
 * @param simd whether it uses vectors, which the compiler does not know
 * @param garbageCollected whether it uses structs and arrays, whose memory cannot be bounded
 * @param restorable whether memory and globals are all the state that an invocation can change
 */
public record InstructionScan(boolean simd, boolean garbageCollected, boolean restorable) {

  private static final int PREFIX_GC = 0xFB;
  private static final int PREFIX_SIMD = 0xFD;

  /** Instructions that change tables or segments, or leave exceptions behind in the instance. */
  private static final Set<OpCode> UNRESTORABLE =
      EnumSet.of(
          OpCode.TABLE_SET,
          OpCode.TABLE_GROW,
          OpCode.TABLE_INIT,
          OpCode.TABLE_COPY,
          OpCode.TABLE_FILL,
          OpCode.DATA_DROP,
          OpCode.ELEM_DROP,
          OpCode.THROW,
          OpCode.THROW_REF,
          OpCode.TRY_TABLE);

  static InstructionScan of(WasmModule module) {
    boolean simd = false;
    boolean collected = false;
    boolean restorable = true;
    for (Global global : module.globalSection().globals()) {
      simd |= global.valueType().equals(ValType.V128);
      restorable &=
          global.mutabilityType() == MutabilityType.Const || global.valueType().isNumeric();
    }
    for (FunctionBody body : module.codeSection().functionBodies()) {
      simd |= body.localTypes().contains(ValType.V128);
      for (AnnotatedInstruction instruction : body.instructions()) {
        int prefix = instruction.opcode().opcode() >>> 8;
        simd |= prefix == PREFIX_SIMD;
        collected |= prefix == PREFIX_GC;
        restorable &= !UNRESTORABLE.contains(instruction.opcode());
      }
    }
    return new InstructionScan(simd, collected, restorable);
  }
}
