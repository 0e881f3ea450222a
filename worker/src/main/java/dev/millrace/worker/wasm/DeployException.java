package dev.millrace.worker.wasm;

import dev.millrace.triggers.FailureKind;
import java.util.List;
import java.util.Optional;

/** A function could not be deployed; whatever was live before stays live. */
public final class DeployException extends Exception {

  private static final long serialVersionUID = 1L;

  private final List<String> problems;
  private final transient Optional<FailureKind> kind;

  DeployException(String function, List<String> problems) {
    super(
        "function '" + function + "': " + String.join("\nfunction '" + function + "': ", problems));
    this.problems = List.copyOf(problems);
    this.kind = Optional.empty();
  }

  DeployException(String function, String problem, Throwable cause) {
    super("function '" + function + "': " + problem, cause);
    this.problems = List.of(problem);
    this.kind = Optional.empty();
  }

  DeployException(String message, FailureKind kind) {
    super(message);
    this.problems = List.of(message);
    this.kind = Optional.of(kind);
  }

  /** What is wrong, one sentence each. */
  public List<String> problems() {
    return problems;
  }

  /** How the guest failed, if it was started at all. */
  public Optional<FailureKind> kind() {
    return kind;
  }
}
