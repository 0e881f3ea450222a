package dev.millrace.worker.cli;

import dev.millrace.triggers.DeadLetter;
import dev.millrace.triggers.FailureKind;
import dev.millrace.triggers.Recording;
import dev.millrace.worker.dispatch.Invocation;
import dev.millrace.worker.dispatch.Outcome;
import dev.millrace.worker.wasm.DeployException;
import dev.millrace.worker.wasm.Engine;
import dev.millrace.worker.wasm.WasmFunction;
import dev.millrace.worker.wasm.recording.Replay;
import dev.millrace.worker.wasm.spec.FunctionSpec;
import dev.millrace.worker.wasm.spec.Limits;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Optional;

/** Runs the attempt of a dead letter again as it was recorded, and tells what is not as it was. */
record Reproduction(LetterJson.Read read, PrintWriter err) {

  /** The function as it was limited when the attempt was recorded. */
  FunctionSpec limited(FunctionSpec spec) {
    Optional<Recording.Limits> recorded = read.letter().recording().map(Recording::limits);
    if (recorded.isEmpty()) {
      return spec;
    }
    Recording.Limits limits = recorded.get();
    Limits then =
        new Limits(
            limits.timeout(),
            limits.memoryBytes(),
            limits.inputBytes(),
            limits.outputBytes(),
            limits.logBytes(),
            longer(spec.limits().maxDuration(), limits.timeout()),
            spec.limits().httpBodyBytes(),
            spec.limits().scratchBytes());
    if (!then.equals(spec.limits())) {
      note("it runs with the limits that were in force then, not with those of the manifest");
    }
    return new FunctionSpec(
        spec.name(),
        spec.program(),
        spec.abi(),
        then,
        spec.instance(),
        spec.concurrency(),
        spec.config(),
        spec.secrets(),
        spec.grants(),
        spec.execution());
  }

  private static Duration longer(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? other : one;
  }

  /** Runs it. */
  Invocation.Result run(Engine engine, FunctionSpec spec) throws DeployException {
    DeadLetter letter = read.letter();
    try (WasmFunction function = engine.deploy(limited(spec))) {
      int attempt = letter.recording().map(Recording::attempt).orElse(letter.attemptCount());
      Invocation invocation =
          new Invocation(read.recorded(), letter.trigger(), Math.max(1, attempt));
      if (letter.recording().isEmpty()) {
        note(
            "this dead letter has no recording, because no guest ran in its last attempt or that"
                + " attempt succeeded; it runs with the clocks and random numbers of this machine");
        return function.invoke(invocation);
      }
      Recording recording = letter.recording().get();
      compare(function, recording);
      Replay replay = function.replay(invocation, recording);
      tell(replay);
      return replay.result();
    }
  }

  /** Says whether it failed as it did then. */
  void conclude(Outcome outcome) {
    DeadLetter letter = read.letter();
    FailureKind kind = lastFailure();
    String error = lastError();
    String then = kind + ": " + error;
    String verdict =
        switch (outcome) {
          case Outcome.Failed failed -> compared(failed, kind, error);
          case Outcome.Succeeded done -> "not reproduced: now done, then " + then;
        };
    err.println(verdict + " (dead letter " + letter.id() + ")");
    err.flush();
  }

  private static String compared(Outcome.Failed now, FailureKind kind, String error) {
    if (now.kind() != kind) {
      return "not reproduced: now " + now.kind() + ", then " + kind + ": " + error;
    }
    return now.error().equals(error)
        ? "reproduced: " + kind + ", with the same error as recorded"
        : "reproduced: " + kind + " as recorded, but with another error; then it was: " + error;
  }

  /** A letter may be given up for another reason than the last attempt's, such as its age. */
  private FailureKind lastFailure() {
    DeadLetter letter = read.letter();
    return letter.attempts().isEmpty() || letter.recording().isEmpty()
        ? letter.failure()
        : letter.attempts().getLast().failure();
  }

  private String lastError() {
    DeadLetter letter = read.letter();
    return letter.attempts().isEmpty() || letter.recording().isEmpty()
        ? letter.error()
        : letter.attempts().getLast().error();
  }

  private void compare(WasmFunction function, Recording recording) {
    if (!function.module().equals(recording.module())) {
      note(
          "another module: then "
              + recording.module()
              + ", now "
              + function.module()
              + "; what follows is not the program that failed");
    } else if (!function.version().equals(read.letter().version())) {
      note(
          "the same module with another configuration: then version "
              + read.letter().version()
              + ", now "
              + function.version());
    }
    if (recording.earlierEvents() > 0) {
      note(
          "the function says 'instance: reuse', and "
              + recording.earlierEvents()
              + " events had run in that sandbox before; what they left there is not recorded");
    }
    if (recording.start().cut() || recording.run().cut()) {
      note("the recording was cut: it has only the first 64 KiB of what the host answered");
    }
    if (read.original().isPresent()) {
      note("the event was edited; this is the one that the recorded attempt was at");
    }
  }

  private void tell(Replay replay) {
    boolean noWonder = replay.onlyLength() && lastFailure() == FailureKind.TIMEOUT;
    if (replay.divergence().isPresent() && !noWonder) {
      note("divergence: the guest " + replay.divergence().get());
    }
    if (replay.beyondCut()) {
      note("the guest asked for more than was recorded; this machine answered from there on");
    }
  }

  private void note(String sentence) {
    err.println("note: " + sentence);
    err.flush();
  }
}
