package dev.millrace.worker.dispatch;

/** What an attempt says about its function, as opposed to the event. */
enum Health {
  /** It did its work, be it to reject the event. */
  WELL,
  /** It failed in a way that may pass. */
  FAILED,
  /** It was not reached. */
  UNKNOWN;

  static Health of(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Succeeded succeeded -> WELL;
      case Outcome.Failed failed ->
          switch (failed.kind().failureClass()) {
            case PERMANENT -> WELL;
            case TRANSIENT -> FAILED;
            case INFRASTRUCTURE -> UNKNOWN;
          };
    };
  }
}
