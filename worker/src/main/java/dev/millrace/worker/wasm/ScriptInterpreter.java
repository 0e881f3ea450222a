package dev.millrace.worker.wasm;

import dev.millrace.abi.GuestAbi;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The worker's own interpreter, a module that runs JavaScript: read and compiled once, when the
 * first function needs it, for all functions of an engine. {@code abi/guest/javascript} has its
 * source.
 *
 * <p>Safe for any number of threads; who comes while it is compiled waits.
 */
final class ScriptInterpreter {

  private static final String RESOURCE = "javascript.wasm";

  private @Nullable ModuleFile file;
  private @Nullable CompiledModule compiled;

  /** Its file; {@code cache} is asked the first time only. */
  synchronized ModuleFile file(Optional<CompileCache> cache) throws ModuleFile.UnreadableException {
    if (file == null) {
      file = ModuleFile.of("the JavaScript interpreter", bytes(), cache);
    }
    return file;
  }

  /** Its code; {@code compiler} is asked the first time only. */
  synchronized CompiledModule machine(ModuleFile own, ModuleCompiler compiler)
      throws ModuleFile.UnreadableException {
    if (compiled == null) {
      compiled = compiler.compile(own);
    }
    return compiled;
  }

  private static byte[] bytes() {
    try (InputStream resource = GuestAbi.class.getResourceAsStream(RESOURCE)) {
      if (resource == null) {
        throw new IllegalStateException("the worker was built without " + RESOURCE);
      }
      return resource.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
