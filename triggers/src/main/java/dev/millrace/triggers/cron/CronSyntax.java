package dev.millrace.triggers.cron;

import java.text.ParseException;
import java.time.DayOfWeek;
import java.util.BitSet;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Reads a schedule's text. A five-field unix expression is converted to Quartz's form, and Quartz
 * parses and evaluates both; what Quartz would let pass in silence ({@code 1-2-3}, {@code 1x},
 * {@code *}{@code /0}) is refused before.
 *
 * @param grid the wall-clock times
 * @param interval whether the minute or hour field has a wildcard: such a schedule means "every so
 *     often", any other one "at this time of day"
 */
record CronSyntax(LocalGrid grid, boolean interval) {

  private static final Map<String, String> NAMED =
      Map.of(
          "@yearly", "0 0 1 1 *",
          "@annually", "0 0 1 1 *",
          "@monthly", "0 0 1 * *",
          "@weekly", "0 0 * * 0",
          "@daily", "0 0 * * *",
          "@midnight", "0 0 * * *",
          "@hourly", "0 * * * *");

  private static final List<CronField> QUARTZ_FIELDS =
      List.of(
          CronField.SECOND,
          CronField.MINUTE,
          CronField.HOUR,
          CronField.DAY_OF_MONTH,
          CronField.MONTH,
          CronField.QUARTZ_DAY_OF_WEEK,
          CronField.YEAR);

  /** What only Quartz has: last day, nearest weekday, n-th weekday. */
  private static final Pattern QUARTZ_DAY_OF_MONTH =
      Pattern.compile("L(-\\d{1,2})?W?|(?<day>\\d{1,2})W");

  private static final Pattern QUARTZ_DAY_OF_WEEK =
      Pattern.compile("L|(?<day>[A-Z]{3}|\\d)(L|#[1-5])");

  private static final Pattern ONLY_QUARTZ = Pattern.compile("\\?|L|LW|\\d+W|\\w+L|\\w+#\\d+");

  /** Reads a schedule; throws {@link IllegalArgumentException} with a sentence about the text. */
  static CronSyntax parse(String text) {
    try {
      String schedule = text.strip();
      if (schedule.startsWith("@")) {
        return unix(named(schedule).split(" "));
      }
      String[] fields = schedule.split("\\s+");
      return switch (fields.length) {
        case 5 -> unix(fields);
        case 6, 7 -> quartz(fields);
        default ->
            throw new IllegalArgumentException(
                "it has %d field%s; a unix expression has 5 (minute, hour, day of month, month, day of week), a Quartz expression 6 or 7 (second first, year last)"
                    .formatted(
                        schedule.isEmpty() ? 0 : fields.length,
                        fields.length == 1 && !schedule.isEmpty() ? "" : "s"));
      };
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("schedule '" + text + "': " + e.getMessage(), e);
    } catch (ParseException e) {
      throw new IllegalArgumentException(
          "schedule '" + text + "': Quartz cannot read it: " + e.getMessage(), e);
    }
  }

  private static String named(String name) {
    String expression = NAMED.get(name.toLowerCase(Locale.ROOT));
    if (expression != null) {
      return expression;
    }
    if (name.startsWith("@every")) {
      throw new IllegalArgumentException(
          "'@every' counts from the start of one process, so replicas and restarts would disagree; write steps instead, for example */5 * * * *");
    }
    if (name.startsWith("@reboot")) {
      throw new IllegalArgumentException("'@reboot' is no time; write a time of day or a step");
    }
    throw new IllegalArgumentException(
        "there is no such name; known are "
            + NAMED.keySet().stream().sorted().collect(Collectors.joining(", ")));
  }

  private static CronSyntax unix(String[] fields) throws ParseException {
    String minutes = list(CronField.MINUTE, fields[0], 0);
    String hours = list(CronField.HOUR, fields[1], 0);
    String days = list(CronField.DAY_OF_MONTH, fields[2], 0);
    String months = list(CronField.MONTH, fields[3], 0);
    String weekdays = list(CronField.UNIX_DAY_OF_WEEK, fields[4], 1);
    String onDays = "0 %s %s %s %s ?".formatted(minutes, hours, days, months);
    String onWeekdays = "0 %s %s ? %s %s".formatted(minutes, hours, months, weekdays);
    // Either day field starting with * means: both must match. Otherwise: one of them (cron(5)).
    boolean both = fields[2].startsWith("*") || fields[4].startsWith("*");
    LocalGrid grid =
        both
            ? LocalGrid.on(onDays, daysOfWeek(values(CronField.UNIX_DAY_OF_WEEK, fields[4])))
            : LocalGrid.of(onDays).or(LocalGrid.of(onWeekdays));
    return new CronSyntax(grid, fields[0].startsWith("*") || fields[1].startsWith("*"));
  }

  /** A unix field as a Quartz list; {@code *} when every value is in it. */
  private static String list(CronField field, String text, int shift) {
    BitSet values = values(field, text);
    return values.cardinality() == (field == CronField.UNIX_DAY_OF_WEEK ? 7 : size(field))
        ? "*"
        : values.stream()
            .mapToObj(value -> Integer.toString(value + shift))
            .collect(Collectors.joining(","));
  }

  private static int size(CronField field) {
    return field.max() - field.min() + 1;
  }

  /** The values of a unix field; Sunday is 0. */
  private static BitSet values(CronField field, String text) {
    BitSet values = new BitSet();
    for (String entry : CronField.split(text)) {
      if (ONLY_QUARTZ.matcher(entry).matches() && !field.isName(entry)) {
        throw new IllegalArgumentException(
            "%s '%s' belongs to Quartz expressions; put a second in front and write all 6 fields, or write it with numbers, ranges and steps"
                .formatted(field.label(), entry));
      }
      CronField.Item item = field.item(entry);
      if (item.openStep()) {
        throw new IllegalArgumentException(
            "%s '%s': a step needs * or a range; write %d-%d/%d"
                .formatted(field.label(), entry, item.from(), last(field), item.step()));
      }
      int to = item.any() ? last(field) : item.to();
      if (field == CronField.UNIX_DAY_OF_WEEK && to == 0 && item.from() > 0) {
        to = 7; // fri-sun
      }
      if (item.from() > to) {
        throw new IllegalArgumentException(
            "%s '%s' ends before it starts; write two ranges: %d-%d,%d-%d"
                .formatted(field.label(), entry, item.from(), last(field), field.min(), to));
      }
      for (int value = item.from(); value <= to; value += item.step()) {
        values.set(field == CronField.UNIX_DAY_OF_WEEK ? value % 7 : value);
      }
    }
    return values;
  }

  private static int last(CronField field) {
    return field == CronField.UNIX_DAY_OF_WEEK ? 6 : field.max();
  }

  private static Set<DayOfWeek> daysOfWeek(BitSet values) {
    Set<DayOfWeek> days = EnumSet.noneOf(DayOfWeek.class);
    values.stream().forEach(value -> days.add(DayOfWeek.SUNDAY.plus(value)));
    return days;
  }

  private static CronSyntax quartz(String[] fields) throws ParseException {
    boolean interval = false;
    for (int i = 0; i < fields.length; i++) {
      CronField field = QUARTZ_FIELDS.get(i);
      for (String entry : CronField.split(fields[i].toUpperCase(Locale.ROOT))) {
        if (isQuartzOnly(field, entry)) {
          continue;
        }
        CronField.Item item = field.item(entry);
        boolean ofTime = field == CronField.MINUTE || field == CronField.HOUR;
        interval |= ofTime && (item.any() || item.openStep());
      }
    }
    if (fields[3].equals("?") == fields[5].equals("?")) {
      throw new IllegalArgumentException(
          "day of month '%s', day of week '%s': in a Quartz expression exactly one of them is '?'"
              .formatted(fields[3], fields[5]));
    }
    return new CronSyntax(LocalGrid.of(String.join(" ", fields)), interval);
  }

  private static boolean isQuartzOnly(CronField field, String entry) {
    Pattern pattern =
        field == CronField.DAY_OF_MONTH
            ? QUARTZ_DAY_OF_MONTH
            : field == CronField.QUARTZ_DAY_OF_WEEK ? QUARTZ_DAY_OF_WEEK : null;
    if (pattern == null) {
      return false;
    }
    if (entry.equals("?")) {
      return true;
    }
    var matcher = pattern.matcher(entry);
    if (!matcher.matches()) {
      return false;
    }
    if (matcher.group("day") != null) {
      field.value(matcher.group("day"));
    }
    return true;
  }
}
