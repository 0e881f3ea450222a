package dev.millrace.triggers.cron;

import dev.millrace.triggers.cron.CronOptions.Missed;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * What is to be recorded about one grid time.
 *
 * @param gridTime the grid time
 * @param state {@code OPEN} or {@code SKIPPED}
 */
record Claim(Instant gridTime, FireLedger.State state) {

  /** At least so many of the latest missed grid times are recorded one by one. */
  static final int MISSED_RECORDED = 1000;

  static Claim open(Instant gridTime) {
    return new Claim(gridTime, FireLedger.State.OPEN);
  }

  static Claim skipped(Instant gridTime) {
    return new Claim(gridTime, FireLedger.State.SKIPPED);
  }

  boolean isOpen() {
    return state == FireLedger.State.OPEN;
  }

  /**
   * What becomes of the grid times after {@code after} and up to {@code upTo}, which passed while
   * nobody was awake. Oldest first; where there are very many, the oldest ones are left out.
   */
  static List<Claim> missed(
      CronSchedule schedule, CronOptions options, Instant after, Instant upTo) {
    int caughtUp =
        options.missed() == Missed.SKIP
            ? 0
            : options.missed() == Missed.LATEST ? 1 : options.missedLimit();
    List<Instant> times =
        schedule.latest(after, upTo, Math.max(MISSED_RECORDED, options.missedLimit()));
    List<Claim> claims = new ArrayList<>(times.size());
    for (int i = 0; i < times.size(); i++) {
      claims.add(i < times.size() - caughtUp ? skipped(times.get(i)) : open(times.get(i)));
    }
    return claims;
  }

  /**
   * What becomes of grid times that are due now.
   *
   * @param mayOpen how many of them may still fire, in order; the others are passed over
   */
  static List<Claim> due(List<Instant> times, int mayOpen) {
    List<Claim> claims = new ArrayList<>(times.size());
    for (int i = 0; i < times.size(); i++) {
      claims.add(i < mayOpen ? open(times.get(i)) : skipped(times.get(i)));
    }
    return claims;
  }
}
