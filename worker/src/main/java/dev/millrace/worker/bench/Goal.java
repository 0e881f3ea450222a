package dev.millrace.worker.bench;

/**
 * What a figure has to reach.
 *
 * @param direction whether less or more is better
 * @param required what it must reach
 * @param aim what it should reach
 */
public record Goal(Direction direction, double required, double aim) {

  /** Which values are good. */
  public enum Direction {
    AT_MOST,
    AT_LEAST
  }

  /** How a value compares with a goal. */
  public enum Verdict {
    MISSED,
    MET,
    EXCEEDED
  }

  /** Less is better. */
  public static Goal atMost(double required, double aim) {
    return new Goal(Direction.AT_MOST, required, aim);
  }

  /** More is better. */
  public static Goal atLeast(double required, double aim) {
    return new Goal(Direction.AT_LEAST, required, aim);
  }

  /** Whether the value reaches what is required, or even the aim. */
  public Verdict judge(double value) {
    if (reaches(value, aim)) {
      return Verdict.EXCEEDED;
    }
    return reaches(value, required) ? Verdict.MET : Verdict.MISSED;
  }

  private boolean reaches(double value, double mark) {
    return direction == Direction.AT_MOST ? value <= mark : value >= mark;
  }
}
