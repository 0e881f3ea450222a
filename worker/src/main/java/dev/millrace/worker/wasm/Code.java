package dev.millrace.worker.wasm;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/**
 * A function's program as it was read.
 *
 * @param module the module, which is an interpreter if there is a script
 * @param script what it interprets, as the guest reads it; not copied
 * @param own whether the module is the worker's own interpreter
 */
record Code(ModuleFile module, Optional<byte[]> script, boolean own) {

  /** Reads a program; its module as an outline if {@code cache} has its code. */
  static Code read(Program program, ScriptInterpreter interpreter, Optional<CompileCache> cache)
      throws ModuleFile.UnreadableException {
    Optional<Path> file = program.module();
    ModuleFile module =
        file.isPresent() ? ModuleFile.read(file.get(), cache) : interpreter.file(cache);
    Optional<byte[]> script =
        program.script().isPresent()
            ? Optional.of(ScriptFiles.read(program.script().get()).encoded())
            : Optional.empty();
    return new Code(module, script, file.isEmpty());
  }

  CompiledModule compile(ModuleCompiler compiler, ScriptInterpreter interpreter)
      throws ModuleFile.UnreadableException {
    return own ? interpreter.machine(module, compiler) : compiler.compile(module);
  }

  /** The SHA-256 in hex of all that it consists of. */
  String digest() {
    if (script.isEmpty()) {
      return module.digest();
    }
    byte[] all = Arrays.copyOf(module.bytes(), module.bytes().length + script.get().length);
    System.arraycopy(script.get(), 0, all, module.bytes().length, script.get().length);
    return VersionDigest.of(all);
  }
}
