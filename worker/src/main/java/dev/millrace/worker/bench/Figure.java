package dev.millrace.worker.bench;

import java.util.Optional;

/**
 * One measured figure.
 *
 * @param measure what it is, in a few words, for example "fresh ÷ reused call, CPU"
 * @param unit of the values; {@link #RATIO} for a ratio
 * @param spread the median is the figure, the extremes tell how far to trust it
 * @param goal what it has to reach, if anything
 * @param detail the absolute values behind it, or empty
 */
public record Figure(
    String measure, String unit, Spread spread, Optional<Goal> goal, String detail) {

  /** The unit of a ratio. */
  public static final String RATIO = "×";

  /** A ratio that has to reach a goal. */
  public static Figure ratio(String measure, Spread spread, Goal goal, String detail) {
    return new Figure(measure, RATIO, spread, Optional.of(goal), detail);
  }

  /** A value that has to reach a goal. */
  public static Figure of(String measure, String unit, Spread spread, Goal goal, String detail) {
    return new Figure(measure, unit, spread, Optional.of(goal), detail);
  }

  /** A value that is shown for its own sake. */
  public static Figure shown(String measure, String unit, Spread spread, String detail) {
    return new Figure(measure, unit, spread, Optional.empty(), detail);
  }

  /** Whether it reaches its goal; empty without one. */
  public Optional<Goal.Verdict> verdict() {
    return goal.map(each -> each.judge(spread.median()));
  }
}
