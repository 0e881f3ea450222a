package dev.millrace.worker.cli;

import java.lang.reflect.Proxy;
import java.util.concurrent.CompletableFuture;

/**
 * The signals that ask a worker to end. The first one asks; the second one ends the process at
 * once, which loses nothing: what was not acknowledged comes again.
 *
 * <p>A shutdown hook could neither choose the exit code nor hear a second signal, so this uses the
 * JDK's {@code sun.misc.Signal}: by name, because javac's warning about it cannot be switched off
 * where warnings are errors.
 */
final class Signals {

  private static final int INTERRUPT = 2;
  private static final int TERMINATE = 15;

  private final CompletableFuture<String> asked = new CompletableFuture<>();

  private Signals() {}

  /** Listens for SIGINT and SIGTERM from now on. */
  static Signals install() {
    Signals signals = new Signals();
    signals.listen("INT", INTERRUPT);
    signals.listen("TERM", TERMINATE);
    return signals;
  }

  /** Completes with the first signal's name. */
  CompletableFuture<String> asked() {
    return asked;
  }

  void received(String name, int number) {
    if (!asked.complete(name)) {
      Runtime.getRuntime().halt(128 + number);
    }
  }

  private void listen(String name, int number) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object own =
          Proxy.newProxyInstance(
              handler.getClassLoader(),
              new Class<?>[] {handler},
              (proxy, method, arguments) -> {
                if (method.getName().equals("handle")) {
                  received(name, number);
                }
                return null;
              });
      signal
          .getMethod("handle", signal, handler)
          .invoke(null, signal.getConstructor(String.class).newInstance(name), own);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this JVM does not let us handle SIG" + name, e);
    }
  }
}
