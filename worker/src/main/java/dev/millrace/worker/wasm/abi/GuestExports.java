package dev.millrace.worker.wasm.abi;

import com.dylibso.chicory.runtime.ExportFunction;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.wasm.types.Export;
import com.dylibso.chicory.wasm.types.ExportSection;
import com.dylibso.chicory.wasm.types.ExternalType;
import java.util.Optional;

/** The functions that an instance exports. */
final class GuestExports {

  /** What a reactor exports for its initialization. */
  static final String INITIALIZE = "_initialize";

  /** What a program exports. */
  static final String START = "_start";

  private GuestExports() {}

  static Optional<ExportFunction> find(Instance instance, String name) {
    ExportSection exports = instance.module().exportSection();
    for (int i = 0; i < exports.exportCount(); i++) {
      Export export = exports.getExport(i);
      if (export.name().equals(name) && export.exportType() == ExternalType.FUNCTION) {
        return Optional.of(instance.export(name));
      }
    }
    return Optional.empty();
  }

  /** Calls an export without arguments, if there is one of that name. */
  static boolean callIfPresent(Instance instance, String name) {
    Optional<ExportFunction> export = find(instance, name);
    export.ifPresent(ExportFunction::apply);
    return export.isPresent();
  }

  /** What a call returned, 0 for nothing. */
  static long result(long[] results) {
    return results == null || results.length == 0 ? 0 : results[0];
  }
}
