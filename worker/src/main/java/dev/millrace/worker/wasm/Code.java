package dev.millrace.worker.wasm;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Function;

/**
 * A function's program as it was read.
 *
 * @param module the module, which is an interpreter if there is a script
 * @param script what it interprets, as the guest reads it; not copied
 * @param own whether the module is the worker's own interpreter
 */
record Code(ModuleFile module, Optional<byte[]> script, boolean own) {

  static Code read(Program program, ScriptInterpreter interpreter)
      throws ModuleFile.UnreadableException {
    Optional<Path> file = program.module();
    ModuleFile module = file.isPresent() ? ModuleFile.read(file.get()) : interpreter.file();
    Optional<byte[]> script =
        program.script().isPresent()
            ? Optional.of(ScriptFiles.read(program.script().get()).encoded())
            : Optional.empty();
    return new Code(module, script, file.isEmpty());
  }

  Function<Instance, Machine> compile(ModuleCompiler compiler, ScriptInterpreter interpreter) {
    return own ? interpreter.machine(module, compiler) : compiler.compile(module);
  }

  /** All that it consists of. */
  byte[] bytes() {
    if (script.isEmpty()) {
      return module.bytes();
    }
    byte[] all = Arrays.copyOf(module.bytes(), module.bytes().length + script.get().length);
    System.arraycopy(script.get(), 0, all, module.bytes().length, script.get().length);
    return all;
  }
}
