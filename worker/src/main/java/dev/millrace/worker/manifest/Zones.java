package dev.millrace.worker.manifest;

import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.Optional;

/** Reads time zones. */
final class Zones {

  private Zones() {}

  /** The time zone that a key names; one that is not known is reported. */
  static Optional<ZoneId> read(Section section, String key) {
    Optional<String> name = section.text(key);
    if (name.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(ZoneId.of(name.get()));
    } catch (DateTimeException e) {
      section.report(
          Rule.BAD_TIMEZONE,
          section.at(key),
          "no time zone is called '"
              + name.get()
              + "'"
              + Suggestion.nearest(name.get(), ZoneId.getAvailableZoneIds())
                  .map(near -> "; did you mean '" + near + "'?")
                  .orElse("; write an IANA name such as Europe/Paris"));
      return Optional.empty();
    }
  }
}
