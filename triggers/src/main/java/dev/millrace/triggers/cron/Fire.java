package dev.millrace.triggers.cron;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.Locale;

/**
 * One fire of a trigger. In their order, the earlier one goes first.
 *
 * @param time the grid time; of one by hand, when it was asked for
 * @param kind why it fires
 */
public record Fire(Instant time, Kind kind) implements Comparable<Fire> {

  private static final Comparator<Fire> IN_ORDER =
      Comparator.comparing(Fire::time).thenComparing(Fire::kind);

  /** Why a trigger fires. */
  public enum Kind {
    /** The schedule has this time. */
    SCHEDULED,
    /** A person wants it to, now. */
    MANUAL,
    /** A person wants the schedule's past times to fire. */
    BACKFILL;

    /** As events say it. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** A fire of the schedule. */
  public static Fire scheduled(Instant gridTime) {
    return new Fire(gridTime, Kind.SCHEDULED);
  }

  /** A fire of the schedule that is asked for. */
  public static Fire backfill(Instant gridTime) {
    return new Fire(gridTime, Kind.BACKFILL);
  }

  /** A fire by hand, to the microsecond. Its time is never a grid time: those are whole seconds. */
  public static Fire manual(Instant now) {
    Instant time = now.truncatedTo(ChronoUnit.MICROS);
    boolean whole = time.equals(now.truncatedTo(ChronoUnit.SECONDS));
    return new Fire(whole ? time.plus(1, ChronoUnit.MICROS) : time, Kind.MANUAL);
  }

  /** Whether a person asked for it. */
  public boolean isRequested() {
    return kind != Kind.SCHEDULED;
  }

  /** The event's id; of a grid time the same whoever asks for it, however often. */
  public String eventId(String trigger) {
    return "cron:" + trigger + ":" + (kind == Kind.MANUAL ? "manual:" : "") + time;
  }

  @Override
  public int compareTo(Fire other) {
    return IN_ORDER.compare(this, other);
  }
}
