package dev.millrace.worker.wasm.module;

import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.AnnotatedInstruction;
import com.dylibso.chicory.wasm.types.FunctionBody;
import com.dylibso.chicory.wasm.types.Import;
import com.dylibso.chicory.wasm.types.MemoryImport;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import com.dylibso.chicory.wasm.types.OpCode;
import com.dylibso.chicory.wasm.types.ValType;
import java.util.Set;
import java.util.TreeSet;

/** Which additions to WebAssembly 1.0 a module uses. */
public final class FeatureScan {

  private static final int PREFIX_GC = 0xFB;
  private static final int PREFIX_SATURATING_AND_BULK = 0xFC;
  private static final int PREFIX_SIMD = 0xFD;
  private static final int PREFIX_ATOMIC = 0xFE;

  private FeatureScan() {}

  /** Their usual names, in order. */
  public static Set<String> of(WasmModule module) {
    Set<String> features = new TreeSet<>();
    for (FunctionBody body : module.codeSection().functionBodies()) {
      if (body.localTypes().contains(ValType.V128)) {
        features.add("simd");
      }
      for (AnnotatedInstruction instruction : body.instructions()) {
        add(features, instruction.opcode());
      }
    }
    for (Import imported : module.importSection().stream().toList()) {
      if (imported instanceof MemoryImport memory) {
        addMemory(features, memory.limits());
      }
    }
    module
        .memorySection()
        .ifPresent(
            section -> {
              if (section.memoryCount() > 1) {
                features.add("multi-memory");
              }
              for (int i = 0; i < section.memoryCount(); i++) {
                addMemory(features, section.getMemory(i).limits());
              }
            });
    if (module.tagSection().isPresent() && module.tagSection().get().tagCount() > 0) {
      features.add("exceptions");
    }
    int types = module.typeSection().typeCount();
    for (int i = 0; i < types; i++) {
      if (module.typeSection().getType(i).returns().size() > 1) {
        features.add("multi-value");
      }
    }
    return features;
  }

  private static void addMemory(Set<String> features, MemoryLimits limits) {
    if (limits.shared()) {
      features.add("threads");
    }
  }

  private static void add(Set<String> features, OpCode code) {
    switch (code.opcode() >>> 8) {
      case PREFIX_GC -> features.add("garbage collection");
      case PREFIX_SATURATING_AND_BULK ->
          features.add(
              code.name().contains("TRUNC_SAT")
                  ? "saturating float to int"
                  : code.name().startsWith("TABLE_") && !code.name().matches("TABLE_(INIT|COPY)")
                      ? "reference types"
                      : "bulk memory");
      case PREFIX_SIMD -> features.add("simd");
      case PREFIX_ATOMIC -> features.add("threads");
      default -> addPlain(features, code);
    }
  }

  private static void addPlain(Set<String> features, OpCode code) {
    switch (code) {
      case THROW, THROW_REF, TRY_TABLE -> features.add("exceptions");
      case RETURN_CALL, RETURN_CALL_INDIRECT -> features.add("tail calls");
      case CALL_REF, RETURN_CALL_REF, REF_AS_NON_NULL, BR_ON_NULL, BR_ON_NON_NULL ->
          features.add("function references");
      case REF_NULL, REF_IS_NULL, REF_FUNC, TABLE_GET, TABLE_SET, SELECT_T ->
          features.add("reference types");
      case I32_EXTEND_8_S, I32_EXTEND_16_S, I64_EXTEND_8_S, I64_EXTEND_16_S, I64_EXTEND_32_S ->
          features.add("sign extension");
      default -> {
        // WebAssembly 1.0
      }
    }
  }
}
