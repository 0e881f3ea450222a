package dev.millrace.worker.wasm;

import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.Export;
import com.dylibso.chicory.wasm.types.ExportSection;
import com.dylibso.chicory.wasm.types.ExternalType;
import com.dylibso.chicory.wasm.types.NameCustomSection;
import java.util.ArrayList;
import java.util.List;

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
    // The engine reports a full stack by an exception of its own, thrown where the guest was
    // entered.
    Throwable where = thrown.getCause() instanceof StackOverflowError full ? full : thrown;
    List<String> functions = new ArrayList<>();
    for (StackTraceElement frame : where.getStackTrace()) {
      String method = frame.getMethodName();
      if (frame.getClassName().contains(COMPILED_CLASS) && method.startsWith(METHOD_PREFIX)) {
        functions.add(name(method.substring(METHOD_PREFIX.length()), module));
        if (functions.size() == FRAMES_SHOWN) {
          break;
        }
      }
    }
    return functions.isEmpty() ? "" : " in " + String.join(", called by ", functions);
  }

  /** By the module's name section, else by its export, else by its index. */
  private static String name(String index, WasmModule module) {
    if (!index.chars().allMatch(Character::isDigit)) {
      return index;
    }
    int function = Integer.parseInt(index);
    NameCustomSection names = module.nameSection();
    String name = names == null ? null : names.nameOfFunction(function);
    if (name != null) {
      return name;
    }
    ExportSection exports = module.exportSection();
    for (int i = 0; i < exports.exportCount(); i++) {
      Export export = exports.getExport(i);
      if (export.exportType() == ExternalType.FUNCTION && export.index() == function) {
        return export.name();
      }
    }
    return "function " + index;
  }
}
