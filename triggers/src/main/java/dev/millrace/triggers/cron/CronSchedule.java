package dev.millrace.triggers.cron;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A cron schedule in a time zone: a sequence of instants, its <em>grid times</em>, which depends on
 * nothing else, so that every replica and every restart computes the same ones. Immutable; any
 * thread.
 *
 * <p>Text: a five-field unix expression as in crontab(5), a six- or seven-field Quartz expression,
 * or one of {@code @yearly @annually @monthly @weekly @daily @midnight @hourly}.
 *
 * <p>Daylight saving follows Vixie cron (Debian's cron(8), "Notes" on clock changes of less than
 * three hours):
 *
 * <ul>
 *   <li>An <em>interval</em> schedule, one with a wildcard in its minute or hour field, follows the
 *       clock on the wall: it fires through both passes of a repeated hour and not in a skipped
 *       one.
 *   <li>Any other schedule names times of day. In a repeated hour it fires in the first pass only;
 *       a time that is skipped fires once, at the first instant after the gap. Skipped times that
 *       meet there, or meet a regular one, are one fire. Where the clock skips more than three
 *       hours, as Apia did on 30 December 2011, the skipped times do not fire.
 * </ul>
 */
public final class CronSchedule {

  private static final Duration LARGEST_CLOCK_CHANGE = Duration.ofHours(3);

  private final String text;
  private final ZoneId zone;
  private final LocalGrid grid;
  private final boolean interval;

  private CronSchedule(String text, ZoneId zone, CronSyntax syntax) {
    this.text = text;
    this.zone = zone;
    this.grid = syntax.grid();
    this.interval = syntax.interval();
  }

  /**
   * Reads a schedule.
   *
   * @throws IllegalArgumentException with a sentence that names the field, the value and what is
   *     allowed, or that says that the schedule never fires
   */
  public static CronSchedule parse(String schedule, ZoneId zone) {
    CronSchedule parsed = new CronSchedule(schedule, zone, CronSyntax.parse(schedule));
    if (parsed.next(Instant.EPOCH).isEmpty()) {
      throw new IllegalArgumentException(
          "schedule '%s' never fires: there is no such date; check its day of month against its month"
              .formatted(schedule));
    }
    return parsed;
  }

  /**
   * What is wrong with a schedule, in one sentence: it cannot be read, never fires, or never fires
   * again after an instant. Empty when it is good.
   */
  public static Optional<String> problem(String schedule, ZoneId zone, Instant now) {
    try {
      return parse(schedule, zone).next(now).isPresent()
          ? Optional.empty()
          : Optional.of(
              "schedule '%s' never fires again after %s; check its year".formatted(schedule, now));
    } catch (IllegalArgumentException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /** The first grid time after an instant; empty when there is none in the next hundred years. */
  public Optional<Instant> next(Instant after) {
    return interval ? nextByTheWall(after) : nextTimeOfDay(after);
  }

  /** The first grid times after an instant, at most {@code count}. */
  public List<Instant> next(Instant after, int count) {
    return Stream.iterate(next(after), Optional::isPresent, time -> time.flatMap(this::next))
        .limit(count)
        .map(Optional::orElseThrow)
        .toList();
  }

  /** The grid times after an instant, up to and including another, oldest first; lazy. */
  public Stream<Instant> between(Instant after, Instant upTo) {
    return Stream.iterate(
            next(after),
            time -> time.isPresent() && !time.orElseThrow().isAfter(upTo),
            time -> time.flatMap(this::next))
        .map(Optional::orElseThrow);
  }

  /**
   * The latest grid times after an instant, up to and including another, oldest first, at most
   * {@code count}. The cost grows with {@code count}, not with the distance between the instants.
   */
  public List<Instant> latest(Instant after, Instant upTo, int count) {
    if (!after.isBefore(upTo)) {
      return Collections.emptyList();
    }
    Deque<Instant> latest = new ArrayDeque<>();
    for (Duration window = Duration.ofMinutes(1); ; window = window.multipliedBy(4)) {
      Instant from = upTo.minus(window);
      boolean whole = !from.isAfter(after);
      latest.clear();
      between(whole ? after : from, upTo)
          .forEach(
              time -> {
                if (latest.size() == count) {
                  latest.removeFirst();
                }
                latest.addLast(time);
              });
      if (whole || latest.size() == count) {
        return List.copyOf(latest);
      }
    }
  }

  /** The text that was parsed. */
  public String text() {
    return text;
  }

  /** The time zone of the schedule. */
  public ZoneId zone() {
    return zone;
  }

  @Override
  public String toString() {
    return text + " " + zone;
  }

  /** The wall clock's next matching reading, taking each stretch of a constant offset by itself. */
  private Optional<Instant> nextByTheWall(Instant after) {
    ZoneRules rules = zone.getRules();
    Instant start = after;
    ZoneOffset offset = rules.getOffset(after);
    LocalDateTime local = LocalDateTime.ofInstant(after, offset);
    while (true) {
      Optional<LocalDateTime> next = grid.next(local);
      if (next.isEmpty()) {
        return Optional.empty();
      }
      Instant candidate = next.orElseThrow().toInstant(offset);
      ZoneOffsetTransition change = rules.nextTransition(start);
      if (change == null || candidate.isBefore(change.getInstant())) {
        return Optional.of(candidate);
      }
      start = change.getInstant();
      offset = change.getOffsetAfter();
      local = change.getDateTimeAfter().minusSeconds(1);
    }
  }

  /** The next matching time of day. Later times of day never come at earlier instants. */
  private Optional<Instant> nextTimeOfDay(Instant after) {
    Optional<LocalDateTime> local = grid.next(LocalDateTime.ofInstant(after, zone));
    while (local.isPresent()) {
      Optional<Instant> instant = instantOf(local.orElseThrow());
      if (instant.isPresent() && instant.orElseThrow().isAfter(after)) {
        return instant;
      }
      local = local.flatMap(grid::next);
    }
    return Optional.empty();
  }

  private Optional<Instant> instantOf(LocalDateTime local) {
    ZoneRules rules = zone.getRules();
    List<ZoneOffset> offsets = rules.getValidOffsets(local);
    if (!offsets.isEmpty()) {
      return Optional.of(local.toInstant(offsets.getFirst()));
    }
    ZoneOffsetTransition gap = rules.getTransition(local);
    return gap.getDuration().compareTo(LARGEST_CLOCK_CHANGE) > 0
        ? Optional.empty()
        : Optional.of(gap.getInstant());
  }
}
