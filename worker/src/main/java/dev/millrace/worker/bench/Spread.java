package dev.millrace.worker.bench;

import java.util.Arrays;

/**
 * What several rounds of one measurement gave.
 *
 * @param median of the rounds; the upper one of two
 * @param least of the rounds
 * @param most of the rounds
 * @param rounds how many there were, at least 1
 */
public record Spread(double median, double least, double most, int rounds) {

  /**
   * The spread of so many values.
   *
   * @throws IllegalArgumentException without any value
   */
  public static Spread of(double... values) {
    if (values.length == 0) {
      throw new IllegalArgumentException("a spread needs a value");
    }
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return new Spread(
        sorted[sorted.length / 2], sorted[0], sorted[sorted.length - 1], sorted.length);
  }
}
