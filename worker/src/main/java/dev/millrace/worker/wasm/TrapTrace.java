package dev.millrace.worker.wasm;

import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.Export;
import com.dylibso.chicory.wasm.types.ExportSection;
import com.dylibso.chicory.wasm.types.ExternalType;
import com.dylibso.chicory.wasm.types.NameCustomSection;

/**
 * Where in the guest an exception was thrown: compiled code has one Java method for each function,
 * whose name is the function's index. A guest may trap for each of its events, at full load, so
 * nothing is made here but the text.
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
    StringBuilder text = new StringBuilder();
    int shown = 0;
    for (StackTraceElement frame : where.getStackTrace()) {
      String method = frame.getMethodName();
      if (method.startsWith(METHOD_PREFIX) && frame.getClassName().contains(COMPILED_CLASS)) {
        text.append(shown == 0 ? " in " : ", called by ");
        appendName(text, method, module);
        if (++shown == FRAMES_SHOWN) {
          break;
        }
      }
    }
    return text.toString();
  }

  /** By the module's name section, else by its export, else by its index. */
  private static void appendName(StringBuilder text, String method, WasmModule module) {
    int function = index(method);
    if (function < 0) {
      text.append(method, METHOD_PREFIX.length(), method.length());
      return;
    }
    NameCustomSection names = module.nameSection();
    String name = names == null ? null : names.nameOfFunction(function);
    if (name != null) {
      text.append(name);
      return;
    }
    ExportSection exports = module.exportSection();
    for (int i = 0; i < exports.exportCount(); i++) {
      Export export = exports.getExport(i);
      if (export.exportType() == ExternalType.FUNCTION && export.index() == function) {
        text.append(export.name());
        return;
      }
    }
    text.append("function ").append(function);
  }

  /** The function's index; negative if the method is no function's. */
  private static int index(String method) {
    for (int i = METHOD_PREFIX.length(); i < method.length(); i++) {
      if (method.charAt(i) < '0' || method.charAt(i) > '9') {
        return -1;
      }
    }
    return method.length() == METHOD_PREFIX.length()
        ? -1
        : Integer.parseInt(method, METHOD_PREFIX.length(), method.length(), 10);
  }
}
