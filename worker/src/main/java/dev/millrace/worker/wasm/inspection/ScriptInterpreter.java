package dev.millrace.worker.wasm.inspection;

import dev.millrace.abi.GuestAbi;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/**
 * The worker's own interpreter, a module that runs JavaScript. {@code abi/guest/javascript} has its
 * source.
 */
final class ScriptInterpreter {

  /** What messages call it. */
  static final String NAME = "the JavaScript interpreter";

  private static final String RESOURCE = "javascript.wasm";

  private ScriptInterpreter() {}

  /** The module. */
  static byte[] bytes() {
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
