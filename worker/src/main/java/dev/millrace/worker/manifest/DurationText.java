package dev.millrace.worker.manifest;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Time spans as the manifest and the command line write them: {@code 200ms 2s 5m 1h 1d}. */
public final class DurationText {

  private static final Pattern FORM = Pattern.compile("([0-9]{1,18})(ms|s|m|h|d)");

  private static final Map<String, ChronoUnit> UNITS =
      Map.of(
          "ms", ChronoUnit.MILLIS,
          "s", ChronoUnit.SECONDS,
          "m", ChronoUnit.MINUTES,
          "h", ChronoUnit.HOURS,
          "d", ChronoUnit.DAYS);

  /** So that every duration fits into nanoseconds of a {@code long}. */
  private static final Duration LONGEST = Duration.ofDays(36_500);

  private DurationText() {}

  /**
   * Reads a time span.
   *
   * @throws IllegalArgumentException if the text is not one, or exceeds 36500 days; the message
   *     says what is wrong and how to write it
   */
  public static Duration parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          text.matches("[0-9]+")
              ? "'" + text + "' has no unit; write " + text + "ms, " + text + "s or " + text + "m"
              : "'"
                  + text
                  + "' is not a duration; write a whole number and ms, s, m, h or d, such as 30s");
    }
    ChronoUnit unit = UNITS.get(matcher.group(2));
    long number = Long.parseLong(matcher.group(1));
    if (number > LONGEST.toMillis() / unit.getDuration().toMillis()) {
      throw new IllegalArgumentException("'" + text + "' is longer than 36500 days");
    }
    return Duration.of(number, unit);
  }

  /** The time span in its largest whole unit: {@code 90s}. */
  public static String format(Duration duration) {
    long millis = duration.toMillis();
    for (String unit : new String[] {"d", "h", "m", "s"}) {
      long size = UNITS.get(unit).getDuration().toMillis();
      if (millis != 0 && millis % size == 0) {
        return millis / size + unit;
      }
    }
    return millis == 0 ? "0s" : millis + "ms";
  }
}
