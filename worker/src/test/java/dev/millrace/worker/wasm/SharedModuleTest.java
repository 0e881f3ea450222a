package dev.millrace.worker.wasm;

import static dev.millrace.worker.wasm.Guests.event;
import static dev.millrace.worker.wasm.Guests.reply;
import static dev.millrace.worker.wasm.Guests.spec;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ClassLoadingMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Functions find their module's code, whoever else uses it and however long nobody did. */
class SharedModuleTest {

  private final AtomicLong now = new AtomicLong();

  @Test
  void twoFunctionsOfOneModuleRun() throws Exception {
    try (Engine engine = Engine.open(EngineOptions.defaults())) {
      WasmFunction one = engine.deploy(spec("one", Guests.file("echo")));
      WasmFunction other = engine.deploy(spec("other", Guests.file("echo")));

      one.close();

      assertEquals("x", reply(other.invoke(event("x"))));
    }
  }

  /** Known to be able to fail: where {@code Engine.keepHouse} lets slots go and no code. */
  @Test
  void aFunctionThatWasIdleForLongGetsItsCodeBack() throws Exception {
    ClassLoadingMXBean classes = ManagementFactory.getClassLoadingMXBean();
    try (Engine engine = Engine.open(EngineOptions.defaults().withTicker(now::get))) {
      WasmFunction function = engine.deploy(spec("echo", Guests.file("echo")));
      assertEquals("x", reply(function.invoke(event("x"))));
      engine.keepHouse();
      now.addAndGet(EngineOptions.DEFAULT_IDLE_AFTER.toNanos());
      engine.keepHouse();
      now.addAndGet(EngineOptions.DEFAULT_UNLOAD_AFTER.toNanos());
      engine.keepHouse();

      long loaded = classes.getTotalLoadedClassCount();
      assertEquals("x", reply(function.invoke(event("x"))));

      assertTrue(classes.getTotalLoadedClassCount() > loaded, "its classes were loaded again");
    }
  }
}
