package dev.millrace.triggers.cron;

import java.text.ParseException;
import java.time.DayOfWeek;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.Date;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TimeZone;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.quartz.CronExpression;

/**
 * The wall-clock times of a schedule, without any time zone: the union of one or two Quartz
 * expressions. Quartz reads them as UTC, where no hour is skipped or repeated; {@link CronSchedule}
 * places them in the zone. Immutable; any thread.
 */
final class LocalGrid {

  /**
   * One Quartz expression.
   *
   * @param expression the expression, its time zone UTC
   * @param only the days of the week on which it counts
   */
  private record Part(CronExpression expression, Set<DayOfWeek> only) {

    @Nullable LocalDateTime next(LocalDateTime after) {
      LocalDateTime time = after;
      while (true) {
        Date next = expression.getTimeAfter(Date.from(time.toInstant(ZoneOffset.UTC)));
        if (next == null) {
          return null;
        }
        time = LocalDateTime.ofInstant(next.toInstant(), ZoneOffset.UTC);
        if (only.contains(time.getDayOfWeek())) {
          return time;
        }
        time = LocalDate.from(time).atTime(LocalTime.MAX);
      }
    }
  }

  private final List<Part> parts;

  private LocalGrid(List<Part> parts) {
    this.parts = parts;
  }

  /** The times of a Quartz expression. */
  static LocalGrid of(String quartz) throws ParseException {
    return on(quartz, Set.of(DayOfWeek.values()));
  }

  /** The times of a Quartz expression that fall on some days of the week. */
  static LocalGrid on(String quartz, Set<DayOfWeek> only) throws ParseException {
    CronExpression expression = new CronExpression(quartz);
    expression.setTimeZone(TimeZone.getTimeZone(ZoneOffset.UTC));
    return new LocalGrid(List.of(new Part(expression, Set.copyOf(only))));
  }

  /** The times of either. */
  LocalGrid or(LocalGrid other) {
    return new LocalGrid(Stream.concat(parts.stream(), other.parts.stream()).toList());
  }

  /** The first time after another; empty when there is none in the next hundred years. */
  Optional<LocalDateTime> next(LocalDateTime after) {
    return parts.stream()
        .map(part -> part.next(after))
        .filter(Objects::nonNull)
        .min(Comparator.naturalOrder());
  }
}
