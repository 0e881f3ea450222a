package dev.millrace.worker.manifest;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A number of bytes, written {@code 65536}, {@code 64Ki}, {@code 1Mi} or {@code 1Gi}.
 *
 * @param bytes at least 0
 */
public record DataSize(long bytes) {

  private static final Pattern FORM = Pattern.compile("([0-9]{1,18})(Ki|Mi|Gi)?");

  public DataSize {
    if (bytes < 0) {
      throw new IllegalArgumentException("a size must be >= 0");
    }
  }

  /**
   * Reads a size.
   *
   * @throws IllegalArgumentException if the text is not one, or exceeds 2^63 bytes; the message
   *     says what is wrong and how to write it
   */
  public static DataSize parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "'" + text + "' is not a size; write a whole number of bytes, or one with Ki, Mi or Gi");
    }
    long number = Long.parseLong(matcher.group(1));
    int shift =
        switch (String.valueOf(matcher.group(2))) {
          case "Ki" -> 10;
          case "Mi" -> 20;
          case "Gi" -> 30;
          default -> 0;
        };
    if (number > Long.MAX_VALUE >> shift) {
      throw new IllegalArgumentException("'" + text + "' is more bytes than there are");
    }
    return new DataSize(number << shift);
  }

  /** The size in its largest whole unit: {@code 64Ki}. */
  @Override
  public String toString() {
    String[] units = {"", "Ki", "Mi", "Gi"};
    int unit = 0;
    long number = bytes;
    while (number != 0 && number % 1024 == 0 && unit < units.length - 1) {
      number /= 1024;
      unit++;
    }
    return number + units[unit];
  }
}
