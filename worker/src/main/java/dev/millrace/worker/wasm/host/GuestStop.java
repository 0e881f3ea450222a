package dev.millrace.worker.wasm.host;

import dev.millrace.triggers.FailureKind;

/**
 * Thrown by a host call to end the invocation that made it. Unwinds through the guest's frames,
 * which cannot catch it. Without a stack trace: it is control flow, and a guest chooses how often.
 */
public abstract sealed class GuestStop extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private GuestStop(String message) {
    super(message, null, false, false);
  }

  /** The guest called {@code proc_exit}. */
  public static final class Exit extends GuestStop {
    private static final long serialVersionUID = 1L;

    private final int code;

    /** Ends with this code. */
    public Exit(int code) {
      super("exit " + code);
      this.code = code;
    }

    /** What the guest ended with. */
    public int code() {
      return code;
    }
  }

  /**
   * The guest asks for the next event, which its ABI makes it wait for: it is done with this one.
   */
  public static final class Finished extends GuestStop {
    private static final long serialVersionUID = 1L;

    /** Ends the invocation as done. */
    public Finished() {
      super("finished");
    }
  }

  /** The guest called an import in a way that the ABI forbids. */
  public static final class BrokenContract extends GuestStop {
    private static final long serialVersionUID = 1L;

    /** Ends the invocation with a sentence on what is forbidden. */
    public BrokenContract(String message) {
      super(message);
    }
  }

  /** A host call failed, and its ABI has no way to tell the guest. */
  public static final class HostCallFailed extends GuestStop {
    private static final long serialVersionUID = 1L;

    private final FailureKind kind;

    /** Ends the invocation with a sentence on what failed. */
    public HostCallFailed(FailureKind kind, String message) {
      super(message);
      this.kind = kind;
    }

    /** As what the attempt counts. */
    public FailureKind kind() {
      return kind;
    }
  }

  /** The host cannot answer now; the attempt does not count. */
  public static final class Unavailable extends GuestStop {
    private static final long serialVersionUID = 1L;

    Unavailable(String message) {
      super(message);
    }
  }

  /** The guest wrote more than {@code limits.output}, through an interface that cannot refuse. */
  public static final class OutputExceeded extends GuestStop {
    private static final long serialVersionUID = 1L;

    /** Ends the invocation for what it wrote too much. */
    public OutputExceeded() {
      super("output limit");
    }
  }
}
