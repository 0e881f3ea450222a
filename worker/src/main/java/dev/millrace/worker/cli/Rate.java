package dev.millrace.worker.cli;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * So many in a unit of time, written {@code 10/s}, {@code 100/m} or {@code 5/h}.
 *
 * @param interval the time between two of them, at least a microsecond
 */
record Rate(Duration interval) {

  private static final Pattern TEXT = Pattern.compile("([1-9][0-9]{0,5})/([smh])");

  static Rate parse(String text) {
    Matcher matcher = TEXT.matcher(text);
    if (!matcher.matches()) {
      throw new TypeConversionException(
          "'" + text + "' is no rate; write it as 10/s, 100/m or 5/h, from 1 to 999999");
    }
    Duration unit =
        switch (matcher.group(2)) {
          case "s" -> Duration.ofSeconds(1);
          case "m" -> Duration.ofMinutes(1);
          default -> Duration.ofHours(1);
        };
    return new Rate(unit.dividedBy(Long.parseLong(matcher.group(1))));
  }

  /** The rate of an interval as it is written; empty for none. */
  static String text(Duration interval) {
    if (interval.isZero()) {
      return "";
    }
    for (String unit : new String[] {"s", "m", "h"}) {
      double count = (double) parse("1/" + unit).interval.toNanos() / interval.toNanos();
      if (count > 0.99 && (unit.equals("h") || Math.abs(count - Math.rint(count)) < 0.01)) {
        return Math.round(count) + "/" + unit;
      }
    }
    return "";
  }

  /** For picocli. */
  static final class Converter implements ITypeConverter<Rate> {
    @Override
    public Rate convert(String text) {
      return parse(text);
    }
  }
}
