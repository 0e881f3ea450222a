package dev.millrace.worker.wasm;

import com.dylibso.chicory.runtime.ChicoryInterruptedException;
import com.dylibso.chicory.runtime.WasmException;
import dev.millrace.triggers.FailureKind;
import dev.millrace.worker.dispatch.Outcome;
import dev.millrace.worker.wasm.abi.Ending;
import dev.millrace.worker.wasm.host.Call;
import dev.millrace.worker.wasm.host.FunctionSettings;
import dev.millrace.worker.wasm.host.GuestStop;
import dev.millrace.worker.wasm.host.Output;
import dev.millrace.worker.wasm.memory.CappedTable;
import dev.millrace.worker.wasm.spec.Limits;
import java.time.Duration;
import java.util.Optional;

/** Turns how a guest ended into an outcome with a sentence for the user. */
final class Verdict {

  private final CompiledFunction function;
  private final FunctionSettings settings;
  private final Call call;

  Verdict(CompiledFunction function, Call call) {
    this.function = function;
    this.settings = function.settings();
    this.call = call;
  }

  /** The guest came to its end by itself. */
  Outcome ended(Ending ending, boolean limitExceeded) {
    return switch (ending) {
      case Ending.Done done -> done();
      case Ending.Retry retry -> retry(retry.reason());
      case Ending.Reject reject -> reject(reject.reason());
      case Ending.Failed failed -> {
        if (limitExceeded && failed.kind() == FailureKind.EXIT_CODE) {
          yield memoryLimit(failed.what());
        }
        yield failed(failed.kind(), failed.what() + after(": ", failed.said()));
      }
    };
  }

  /** The guest ended with an exception, not by its deadline. */
  Outcome threw(Throwable thrown, boolean limitExceeded) {
    return switch (thrown) {
      case GuestStop.Exit exit -> ended(function.abi().exited(exit.code(), call), limitExceeded);
      case GuestStop.BrokenContract broken ->
          failed(FailureKind.BROKEN_CONTRACT, broken.getMessage());
      case GuestStop.HostCallFailed call -> failed(call.kind(), call.getMessage());
      case GuestStop.Finished finished -> done();
      case GuestStop.OutputExceeded exceeded -> outputLimit();
      case GuestStop.Unavailable unavailable ->
          failed(FailureKind.INFRASTRUCTURE, unavailable.getMessage());
      case ChicoryInterruptedException interrupted ->
          failed(FailureKind.INFRASTRUCTURE, "stopped because the worker is shutting down");
      case OutOfMemoryError exhausted ->
          failed(
              FailureKind.INFRASTRUCTURE,
              "the worker's heap is exhausted; give it more memory or lower limits.memory and"
                  + " concurrency");
      default -> limitExceeded ? memoryLimit("trapped: " + trap(thrown)) : trapped(thrown);
    };
  }

  /** The guest's start section or {@code _initialize} ended with an exception. */
  Outcome threwAtStart(Throwable thrown, boolean limitExceeded) {
    Outcome outcome =
        thrown instanceof GuestStop.Exit exit
            ? failed(
                FailureKind.EXIT_CODE,
                "ended with exit code "
                    + Integer.toUnsignedString(exit.code())
                    + after(": ", call.said()))
            : threw(thrown, limitExceeded);
    return outcome instanceof Outcome.Failed failed
        ? Outcome.Failed.of(failed.kind(), failed.error() + " (while the guest was initialized)")
        : outcome;
  }

  /** The deadline ended the guest. */
  Outcome timedOut() {
    Limits limits = settings.limits();
    return failed(
        FailureKind.TIMEOUT,
        call.beats()
            ? "stopped without a heartbeat for limits.timeout "
                + limits.timeout().toMillis()
                + " ms, or after limits.max_duration "
                + limits.maxDuration().toMillis()
                + " ms; raise the limit or make it faster"
            : "not done after limits.timeout "
                + limits.timeout().toMillis()
                + " ms and stopped; raise the limit or make it faster");
  }

  /** The deadline ended the guest before there was an event for it. */
  Outcome.Failed timedOutAtStart(Duration limit) {
    return failed(
        FailureKind.TIMEOUT,
        "not initialized after " + limit.toMillis() + " ms and stopped; do less in '_initialize'");
  }

  private Outcome done() {
    Output output = call.output();
    return output.exceeded()
        ? outputLimit()
        : new Outcome.Succeeded(output.reply(), output.replyHeaders(), output.publishes());
  }

  private Outcome retry(String reason) {
    return new Outcome.Failed(
        FailureKind.RETRY_REQUESTED,
        sentence(reason.isEmpty() ? "asked to be called again" : reason),
        call.retryAfter());
  }

  private Outcome reject(String reason) {
    return new Outcome.Failed(
        FailureKind.REJECTED,
        sentence(reason.isEmpty() ? "rejected the event" : reason),
        Optional.empty());
  }

  private Outcome outputLimit() {
    return failed(
        FailureKind.OUTPUT_LIMIT,
        "reply and publishes exceed limits.output "
            + settings.limits().outputBytes()
            + "; raise the limit or write less");
  }

  private Outcome memoryLimit(String how) {
    return failed(
        FailureKind.MEMORY_LIMIT,
        "wanted more than limits.memory "
            + settings.limits().memoryBytes()
            + " (or "
            + CappedTable.MAX_ENTRIES
            + " table entries) and "
            + how
            + "; raise the limit or use less");
  }

  private Outcome trapped(Throwable thrown) {
    return failed(
        FailureKind.TRAP,
        "trapped: "
            + trap(thrown)
            + after(call.reason().isEmpty() ? "; it logged: " : "; it said: ", call.said()));
  }

  private static String after(String separator, String text) {
    return text.isEmpty() ? "" : separator + text;
  }

  private String trap(Throwable thrown) {
    String what =
        switch (thrown) {
          case StackOverflowError overflow -> "call stack exhausted";
          case WasmException uncaught -> "uncaught exception";
          default -> thrown.getMessage() == null ? thrown.toString() : thrown.getMessage();
        };
    return what + TrapTrace.of(thrown, function.module());
  }

  private Outcome.Failed failed(FailureKind kind, String what) {
    return Outcome.Failed.of(kind, sentence(what));
  }

  private String sentence(String what) {
    return "function '" + settings.name() + "': " + settings.redacted(what);
  }
}
