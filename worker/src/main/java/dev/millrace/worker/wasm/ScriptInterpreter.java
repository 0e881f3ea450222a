package dev.millrace.worker.wasm;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import dev.millrace.abi.GuestAbi;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.function.Function;
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
  private @Nullable Function<Instance, Machine> machine;

  synchronized ModuleFile file() throws ModuleFile.UnreadableException {
    if (file == null) {
      file = ModuleFile.of("the JavaScript interpreter", bytes());
    }
    return file;
  }

  /** Its code; {@code compiler} is asked the first time only. */
  synchronized Function<Instance, Machine> machine(ModuleFile own, ModuleCompiler compiler) {
    if (machine == null) {
      machine = compiler.compile(own);
    }
    return machine;
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
