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

  private final List<T> subjects;
  private final List<T> baselines;

  private Turns(List<T> subjects, List<T> baselines) {
    this.subjects = subjects;
    this.baselines = baselines;
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
    List<T> subjects = new ArrayList<>();
    List<T> baselines = new ArrayList<>();
    for (int round = 0; round < rounds; round++) {
      if (round % 2 == 0) {
        subjects.add(subject.run());
        baselines.add(baseline.run());
      } else {
        baselines.add(baseline.run());
        subjects.add(subject.run());
      }
    }
    return new Turns<>(subjects, baselines);
  }

  /** Rounds that somebody else has run, both sides in their order. */
  static <T> Turns<T> between(List<T> subjects, List<T> baselines) {
    return new Turns<>(List.copyOf(subjects), List.copyOf(baselines));
  }

  /** What the subject's passes gave, in their order. */
  List<T> subjects() {
    return subjects;
  }

  /** What the baseline's passes gave, in their order. */
  List<T> baselines() {
    return baselines;
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
