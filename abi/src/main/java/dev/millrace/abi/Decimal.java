package dev.millrace.abi;

import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;

/** Numbers as the values that {@code kv_increment} counts: decimal digits, as Redis has them. */
public final class Decimal {

  private static final int MOST_DIGITS = 20;

  private Decimal() {}

  /** The number that a value is, exactly as {@link Long#toString(long)} writes it. */
  public static OptionalLong parse(byte[] value) {
    if (value.length == 0 || value.length > MOST_DIGITS) {
      return OptionalLong.empty();
    }
    String text = new String(value, StandardCharsets.ISO_8859_1);
    try {
      long number = Long.parseLong(text);
      return Long.toString(number).equals(text) ? OptionalLong.of(number) : OptionalLong.empty();
    } catch (NumberFormatException e) {
      return OptionalLong.empty();
    }
  }

  /** Whether a sum has no place in 64 bits. */
  public static boolean overflows(long number, long delta) {
    long sum = number + delta;
    return ((number ^ sum) & (delta ^ sum)) < 0;
  }
}
