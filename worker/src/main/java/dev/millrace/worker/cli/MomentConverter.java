package dev.millrace.worker.cli;

import dev.millrace.worker.manifest.DurationText;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a moment: {@code 2026-01-31T12:00:00Z}, or how long ago it was, such as {@code 1h}. */
final class MomentConverter implements ITypeConverter<Instant> {

  @Override
  public Instant convert(String text) {
    if (text.indexOf('T') > 0) {
      try {
        return OffsetDateTime.parse(text).toInstant();
      } catch (DateTimeException e) {
        throw new TypeConversionException(
            "'" + text + "' is no time; write it as 2026-01-31T12:00:00Z");
      }
    }
    try {
      return Instant.now().minus(DurationText.parse(text));
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(
          e.getMessage() + ", or a time such as 2026-01-31T12:00:00Z");
    }
  }
}
