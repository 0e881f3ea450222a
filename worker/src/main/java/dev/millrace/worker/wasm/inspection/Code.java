package dev.millrace.worker.wasm.inspection;

import dev.millrace.worker.wasm.host.NameValues;
import dev.millrace.worker.wasm.module.ModuleFile;
import dev.millrace.worker.wasm.module.Sha256;
import dev.millrace.worker.wasm.spec.Program;
import dev.millrace.worker.wasm.spec.ScriptFiles;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/**
 * A function's program as it was read.
 *
 * @param name what messages call its module
 * @param module the module, which is an interpreter if there is a script; not copied
 * @param script what it interprets, as the guest reads it: a list of names and contents, the script
 *     first; not copied
 */
public record Code(String name, byte[] module, Optional<byte[]> script) {

  /** Reads a program from its files. Blocks. */
  public static Code read(Program program) throws ModuleFile.UnreadableException {
    Optional<byte[]> script =
        program.script().isPresent()
            ? Optional.of(NameValues.encode(ScriptFiles.read(program.script().get()).contents()))
            : Optional.empty();
    if (program.module().isEmpty()) {
      return new Code(ScriptInterpreter.NAME, ScriptInterpreter.bytes(), script);
    }
    Path file = program.module().get();
    return new Code(file.toString(), ModuleFile.bytes(file), script);
  }

  /**
   * The SHA-256 in hex of all that it consists of.
   *
   * @param ofModule that of the module
   */
  public String digest(String ofModule) {
    if (script.isEmpty()) {
      return ofModule;
    }
    byte[] all = Arrays.copyOf(module, module.length + script.get().length);
    System.arraycopy(script.get(), 0, all, module.length, script.get().length);
    return Sha256.hex(all);
  }
}
