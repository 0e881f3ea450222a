package dev.millrace.worker.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Rounds in which two sides took turns.
 *
 * @param <T> what one pass of a side gave
 */
public final class Turns<T> {

  private final Pass<T> subject;
  private final Pass<T> baseline;
  private final List<T> subjects = new ArrayList<>();
  private final List<T> baselines = new ArrayList<>();

  private Turns(Pass<T> subject, Pass<T> baseline) {
    this.subject = subject;
    this.baseline = baseline;
  }

  /** One side's pass. */
  @FunctionalInterface
  public interface Pass<T> {
    T run() throws Exception;
  }

  /**
   * Runs both sides in so many rounds; who begins changes with each.
   *
   * @throws Exception what a pass threw
   */
  public static <T> Turns<T> of(int rounds, Pass<T> subject, Pass<T> baseline) throws Exception {
    Turns<T> turns = new Turns<>(subject, baseline);
    for (int round = 0; round < rounds; round++) {
      turns.round(round % 2 == 0);
    }
    return turns;
  }

  private void round(boolean subjectFirst) throws Exception {
    if (subjectFirst) {
      subjects.add(subject.run());
      baselines.add(baseline.run());
    } else {
      baselines.add(baseline.run());
      subjects.add(subject.run());
    }
  }

  /** The subject's value divided by the baseline's, round by round. */
  public Spread ratio(ToDoubleFunction<T> value) {
    double[] ratios = new double[subjects.size()];
    for (int i = 0; i < ratios.length; i++) {
      ratios[i] = value.applyAsDouble(subjects.get(i)) / value.applyAsDouble(baselines.get(i));
    }
    return Spread.of(ratios);
  }

  /** The subject's value less the baseline's, round by round. */
  public Spread difference(ToDoubleFunction<T> value) {
    double[] differences = new double[subjects.size()];
    for (int i = 0; i < differences.length; i++) {
      differences[i] = value.applyAsDouble(subjects.get(i)) - value.applyAsDouble(baselines.get(i));
    }
    return Spread.of(differences);
  }

  /** The subject's values. */
  public Spread subject(ToDoubleFunction<T> value) {
    return Spread.of(subjects.stream().mapToDouble(value).toArray());
  }

  /** The baseline's values. */
  public Spread baseline(ToDoubleFunction<T> value) {
    return Spread.of(baselines.stream().mapToDouble(value).toArray());
  }
}
