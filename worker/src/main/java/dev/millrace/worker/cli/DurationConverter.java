package dev.millrace.worker.cli;

import dev.millrace.worker.manifest.DurationText;
import java.time.Duration;
import picocli.CommandLine.TypeConversionException;

/** Reads durations as the manifest writes them: {@code 500ms}, {@code 30s}, {@code 5m}. */
final class DurationConverter {

  private DurationConverter() {}

  static Duration parse(String text) {
    try {
      return DurationText.parse(text);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }
}
