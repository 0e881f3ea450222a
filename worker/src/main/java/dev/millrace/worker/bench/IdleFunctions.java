package dev.millrace.worker.bench;

import dev.millrace.worker.dispatch.Invocation;
import dev.millrace.worker.dispatch.Outcome;
import dev.millrace.worker.wasm.Engine;
import dev.millrace.worker.wasm.EngineOptions;
import dev.millrace.worker.wasm.WasmFunction;
import dev.millrace.worker.wasm.spec.FunctionSpec.InstanceMode;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The process in which {@link FunctionsBenchmark} counts: some functions are busy, then many more
 * are deployed, called and left alone. Prints the bytes that they take: what lives in the heap, and
 * what became resident beside it. The whole heap has to be resident from the beginning ({@code
 * -XX:+AlwaysPreTouch}, {@code -Xms} and {@code -Xmx} the same): how much of it is free depends on
 * the collector's mood.
 */
final class IdleFunctions {

  private static final int BUSY = 10;
  private static final int CALLS = 300;
  private static final Duration IDLE_AFTER = Duration.ofSeconds(5);
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** The engine looks every ten seconds for what has been idle for long. */
  private static final Duration UNTIL_UNLOADED = IDLE_AFTER.plusSeconds(12);

  private final Engine engine;
  private final Invocation invocation;

  private IdleFunctions(Engine engine, String data) {
    this.engine = engine;
    this.invocation = OrderGuest.invocation(data);
  }

  /**
   * Counts, and prints the result.
   *
   * @param args the module, a directory to write to, the data of an event, how many functions, and
   *     whether each has bytes of its own ({@code distinct}) or all have the same
   */
  public static void main(String[] args) throws Exception {
    Path module = Path.of(args[0]);
    Path directory = Path.of(args[1]);
    int count = Integer.parseInt(args[3]);
    boolean distinct = args[4].equals("distinct");
    EngineOptions options =
        EngineOptions.defaults()
            .withCacheDirectory(directory.resolve("compiled"))
            .withIdleAfter(IDLE_AFTER)
            .withUnloadAfter(IDLE_AFTER);
    try (Engine engine = Engine.open(options)) {
      System.out.println(
          new IdleFunctions(engine, args[2])
              .measure(new Variants(Files.readAllBytes(module), directory), count, distinct));
    }
  }

  private long measure(Variants variants, int count, boolean distinct) throws Exception {
    Path first = variants.next();
    List<WasmFunction> busy = new ArrayList<>();
    for (int i = 0; i < BUSY; i++) {
      busy.add(deploy("busy-" + i, distinct ? variants.next() : first));
    }
    call(busy);
    long before = taken();
    List<WasmFunction> idle = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      WasmFunction function = deploy("idle-" + i, distinct ? variants.next() : first);
      idle.add(function);
      call(function, 3);
    }
    long patience = System.nanoTime() + PATIENCE.toNanos();
    while (idle.stream().anyMatch(function -> function.stats().idleSlots() > 0)) {
      if (System.nanoTime() - patience > 0) {
        throw new IllegalStateException("idle functions keep their instances");
      }
      call(busy);
      Thread.sleep(200);
    }
    long unloaded = System.nanoTime() + UNTIL_UNLOADED.toNanos();
    while (System.nanoTime() - unloaded < 0) {
      call(busy);
      Thread.sleep(200);
    }
    call(busy);
    long after = taken();
    for (WasmFunction function : idle) {
      call(function, 1);
    }
    return after - before;
  }

  /** The least of some seconds: the compiler's memory and that of classes go bit by bit. */
  private static long taken() throws Exception {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 6; i++) {
      System.gc();
      long live = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
      least = Math.min(least, Usage.residentBytes() + live);
      Thread.sleep(500);
    }
    return least;
  }

  private void call(List<WasmFunction> functions) {
    functions.forEach(function -> call(function, CALLS));
  }

  private void call(WasmFunction function, int times) {
    for (int i = 0; i < times; i++) {
      Outcome outcome = function.invoke(invocation).outcome();
      if (!(outcome instanceof Outcome.Succeeded)) {
        throw new IllegalStateException("the guest failed: " + outcome);
      }
    }
  }

  private WasmFunction deploy(String name, Path module) throws Exception {
    return engine.deploy(OrderGuest.function(name, module, InstanceMode.FRESH));
  }
}
