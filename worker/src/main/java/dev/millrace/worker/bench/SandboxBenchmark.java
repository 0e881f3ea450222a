package dev.millrace.worker.bench;

import dev.millrace.worker.dispatch.Invocation;
import dev.millrace.worker.dispatch.Outcome;
import dev.millrace.worker.wasm.Engine;
import dev.millrace.worker.wasm.EngineOptions;
import dev.millrace.worker.wasm.WasmFunction;
import dev.millrace.worker.wasm.bench.PlainChicory;
import dev.millrace.worker.wasm.spec.FunctionSpec;
import dev.millrace.worker.wasm.spec.FunctionSpec.InstanceMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a fresh sandbox for every event costs: processor time of the calling thread. */
final class SandboxBenchmark implements Benchmark {

  private static final String ORDER =
      """
      {"id": "o-1", "amount": 2599, "currency": "EUR",
       "items": ["book", "pen", "ink", "paper", "ruler", "lamp", "chair", "desk"]}""";

  @Override
  public String name() {
    return "sandbox";
  }

  @Override
  public String description() {
    return "Guests called in a fresh sandbox, beside a reused one and beside plain Chicory.";
  }

  @Override
  public List<Figure> run(Bench bench) throws Exception {
    List<Figure> figures = new ArrayList<>();
    Guest order = new Guest("Rust JSON guest", Bench.ORDERS, ORDER, new Amount(2_000, 41, 30));
    Guest tiny =
        new Guest("tiny guest, 1 KiB", Bench.TINY, "x".repeat(1024), new Amount(10_000, 41, 30));
    order.measure(bench, figures, true);
    tiny.measure(bench, figures, false);
    return figures;
  }

  /**
   * How much is done.
   *
   * @param calls that one pass makes
   * @param rounds passes of each side that count
   * @param warmUpPasses passes of each side before
   */
  private record Amount(int calls, int rounds, int warmUpPasses) {}

  /** One guest and all ways to call it. */
  private record Guest(String what, String module, String data, Amount amount) {

    void measure(Bench bench, List<Figure> figures, boolean judged) throws Exception {
      Path file = bench.guest(module);
      byte[] input = data.getBytes(StandardCharsets.UTF_8);
      PlainChicory plain =
          new PlainChicory(
              file, Map.of(OrderGuest.FEE_KEY, OrderGuest.FEE.getBytes(StandardCharsets.UTF_8)));
      try (Engine engine = Engine.open(EngineOptions.defaults())) {
        WasmFunction fresh = engine.deploy(function(file, InstanceMode.FRESH));
        WasmFunction reuse = engine.deploy(function(file, InstanceMode.REUSE));
        if (!Arrays.equals(answer(fresh), plain.callNewInstance(input))
            || !Arrays.equals(answer(reuse), plain.callSameInstance(input))) {
          throw new IllegalStateException("the sides do not do the same work");
        }
        Turns.Pass<Usage> freshPass = () -> invoked(fresh);
        Turns.Pass<Usage> reusePass = () -> invoked(reuse);
        Turns.Pass<Usage> newPass = () -> plain(() -> plain.callNewInstance(input));
        Turns.Pass<Usage> samePass = () -> plain(() -> plain.callSameInstance(input));
        for (int i = 0; i < bench.scaled(amount.warmUpPasses()); i++) {
          freshPass.run();
          reusePass.run();
          newPass.run();
          samePass.run();
        }
        Turns<Usage> toReuse = Turns.of(amount.rounds(), freshPass, reusePass);
        Turns<Usage> toNew = Turns.of(bench.scaled(amount.rounds()), freshPass, newPass);
        Turns<Usage> toSame = Turns.of(bench.scaled(amount.rounds()), freshPass, samePass);
        if (reuse.stats().resets() != 0 || fresh.stats().resets() == 0) {
          throw new IllegalStateException("fresh was not reset, or reuse was");
        }
        String of = what + ": CPU of a fresh call ÷ ";
        figures.add(figure(of + "a reused one", toReuse, judged ? Goal.atMost(1.15, 1.05) : null));
        figures.add(
            figure(
                of + "one of plain Chicory in a new instance",
                toNew,
                judged ? Goal.atMost(0.25, 0.15) : null));
        figures.add(figure(of + "one of plain Chicory that reuses its instance", toSame, null));
        figures.add(
            Figure.shown(
                what + ": allocated for a fresh call",
                "B",
                toReuse.subject(usage -> usage.bytes(amount.calls())),
                ""));
      }
    }

    private Figure figure(String measure, Turns<Usage> turns, @Nullable Goal goal) {
      Spread ratio = turns.ratio(this::micros);
      String detail =
          String.format(
              Locale.ROOT,
              "%.2f µs ÷ %.2f µs",
              turns.subject(this::micros).median(),
              turns.baseline(this::micros).median());
      return goal == null
          ? Figure.shown(measure, Figure.RATIO, ratio, detail)
          : Figure.ratio(measure, ratio, goal, detail);
    }

    private double micros(Usage usage) {
      return usage.cpuMicros(amount.calls());
    }

    private Usage invoked(WasmFunction function) {
      Invocation invocation = invocation();
      Usage before = Usage.ofThread();
      for (int i = 0; i < amount.calls(); i++) {
        Outcome outcome = function.invoke(invocation).outcome();
        if (!(outcome instanceof Outcome.Succeeded)) {
          throw new IllegalStateException("the guest failed: " + outcome);
        }
      }
      return Usage.ofThread().since(before);
    }

    private Usage plain(Runnable call) {
      Usage before = Usage.ofThread();
      for (int i = 0; i < amount.calls(); i++) {
        call.run();
      }
      return Usage.ofThread().since(before);
    }

    private byte @Nullable [] answer(WasmFunction function) {
      return function.invoke(invocation()).outcome() instanceof Outcome.Succeeded succeeded
          ? succeeded.reply()
          : new byte[0];
    }

    private static FunctionSpec function(Path guest, InstanceMode mode) {
      return OrderGuest.function("charge", guest, mode);
    }

    private Invocation invocation() {
      return OrderGuest.invocation(data);
    }
  }
}
