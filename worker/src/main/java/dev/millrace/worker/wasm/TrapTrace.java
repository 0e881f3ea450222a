package dev.millrace.worker.wasm;

import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.NameCustomSection;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where in the guest an exception was thrown: compiled code has one Java method for each function,
 * whose name is the function's index.
 */
final class TrapTrace {

  private static final int FRAMES_SHOWN = 5;
  private static final String COMPILED_CLASS = "CompiledMachine";
  private static final String METHOD_PREFIX = "func_";

  private TrapTrace() {}

  /** {@code " in charge, called by handle"}, or nothing where no guest frame is known. */
  static String of(Throwable thrown, WasmModule module) {
    NameCustomSection names = module.nameSection();
    List<String> functions = new ArrayList<>();
    for (StackTraceElement frame : thrown.getStackTrace()) {
      String method = frame.getMethodName();
      if (frame.getClassName().contains(COMPILED_CLASS) && method.startsWith(METHOD_PREFIX)) {
        functions.add(name(method.substring(METHOD_PREFIX.length()), names));
        if (functions.size() == FRAMES_SHOWN) {
          break;
        }
      }
    }
    return functions.isEmpty() ? "" : " in " + String.join(", called by ", functions);
  }

  private static String name(String index, @Nullable NameCustomSection names) {
    String name = null;
    if (names != null && index.chars().allMatch(Character::isDigit)) {
      name = names.nameOfFunction(Integer.parseInt(index));
    }
    return name == null ? "function " + index : name;
  }
}
