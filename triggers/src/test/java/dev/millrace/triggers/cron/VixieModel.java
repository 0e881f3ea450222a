package dev.millrace.triggers.cron;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * A second opinion on five-field expressions: goes through time minute by minute, as the daemon
 * does, and asks for each whether it matches. Shares no code with {@link CronSchedule}.
 */
final class VixieModel {

  private static final List<String> DAYS = List.of("sun", "mon", "tue", "wed", "thu", "fri", "sat");
  private static final List<String> MONTHS =
      List.of(
          "", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec");

  private final String[] fields;
  private final BitSet minutes;
  private final BitSet hours;
  private final BitSet daysOfMonth;
  private final BitSet months;
  private final BitSet daysOfWeek;

  VixieModel(String expression) {
    fields = expression.toLowerCase(Locale.ROOT).split(" ");
    minutes = values(fields[0], 0, 59, List.of());
    hours = values(fields[1], 0, 23, List.of());
    daysOfMonth = values(fields[2], 1, 31, List.of());
    months = values(fields[3], 1, 12, MONTHS);
    daysOfWeek = values(fields[4], 0, 7, DAYS);
  }

  /** The grid times after an instant and up to another, both at full minutes. */
  Set<Instant> fires(ZoneId zone, Instant after, Instant upTo) {
    Set<Instant> fires = new TreeSet<>();
    boolean wild = fields[0].startsWith("*") || fields[1].startsWith("*");
    LocalDateTime reached = LocalDateTime.ofInstant(after, zone);
    for (Instant minute = after.plusSeconds(60);
        !minute.isAfter(upTo);
        minute = minute.plusSeconds(60)) {
      LocalDateTime wall = LocalDateTime.ofInstant(minute, zone);
      if (wild) {
        if (matches(wall)) {
          fires.add(minute);
        }
        continue;
      }
      if (ChronoUnit.MINUTES.between(reached, wall) > 180) {
        reached = wall.minusMinutes(1);
      }
      while (reached.isBefore(wall)) {
        reached = reached.plusMinutes(1);
        if (matches(reached)) {
          fires.add(minute);
        }
      }
    }
    return fires;
  }

  private boolean matches(LocalDateTime time) {
    return minutes.get(time.getMinute())
        && hours.get(time.getHour())
        && months.get(time.getMonthValue())
        && matchesDay(time);
  }

  private boolean matchesDay(LocalDateTime time) {
    int dayOfWeek = time.getDayOfWeek().getValue();
    boolean byDate = daysOfMonth.get(time.getDayOfMonth());
    boolean byWeekday = daysOfWeek.get(dayOfWeek) || (dayOfWeek == 7 && daysOfWeek.get(0));
    return (fields[2].startsWith("*") || fields[4].startsWith("*"))
        ? (byDate && byWeekday)
        : (byDate || byWeekday);
  }

  private static BitSet values(String field, int min, int max, List<String> names) {
    BitSet values = new BitSet();
    for (String entry : List.of(field.split(","))) {
      List<String> stepped = List.of(entry.split("/"));
      int step = stepped.size() == 2 ? Integer.parseInt(stepped.get(1)) : 1;
      List<String> ends =
          stepped.getFirst().equals("*")
              ? List.of(String.valueOf(min), String.valueOf(max == 7 ? 6 : max))
              : List.of(stepped.getFirst().split("-"));
      for (int v = number(ends.getFirst(), names); v <= number(ends.getLast(), names); v += step) {
        values.set(v);
      }
    }
    return values;
  }

  private static int number(String text, List<String> names) {
    return names.contains(text) ? names.indexOf(text) : Integer.parseInt(text);
  }
}
