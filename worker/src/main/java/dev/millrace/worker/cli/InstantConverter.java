package dev.millrace.worker.cli;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;

/** A point in time as people write it. */
final class InstantConverter {

  private InstantConverter() {}

  /**
   * Reads {@code 2026-11-22T08:00:00Z}, the same with an offset, or without one and then in a zone,
   * or only a date, which is its first instant.
   */
  static Instant parse(String option, String text, ZoneId zone) {
    try {
      if (text.length() == 10) {
        return LocalDate.parse(text).atStartOfDay(zone).toInstant();
      }
      return hasOffset(text)
          ? OffsetDateTime.parse(text).toInstant()
          : LocalDateTime.parse(text).atZone(zone).toInstant();
    } catch (DateTimeException e) {
      throw new CommandException(
          ExitCodes.USAGE,
          "%s: '%s' is no time; write 2026-11-22, 2026-11-22T08:00 or 2026-11-22T08:00:00Z"
              .formatted(option, text));
    }
  }

  private static boolean hasOffset(String text) {
    String time = text.substring(text.indexOf('T') + 1);
    return time.endsWith("Z") || time.contains("+") || time.contains("-");
  }
}
