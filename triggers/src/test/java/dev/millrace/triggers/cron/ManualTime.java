package dev.millrace.triggers.cron;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A clock that stands still, and alarms that ring, when the test moves it; on the test's thread.
 */
final class ManualTime extends Clock implements Alarm.Maker {

  private final List<ManualAlarm> alarms = new ArrayList<>();
  private volatile Instant now;

  ManualTime(String start) {
    now = Instant.parse(start);
  }

  /** Moves on to an instant; each alarm on the way rings at its time. */
  void advanceTo(String instant) {
    advanceTo(Instant.parse(instant));
  }

  void advance(Duration duration) {
    advanceTo(now.plus(duration));
  }

  void advanceTo(Instant target) {
    for (Optional<ManualAlarm> first = firstUpTo(target);
        first.isPresent();
        first = firstUpTo(target)) {
      ManualAlarm alarm = first.orElseThrow();
      Instant at = alarm.takeTime();
      now = at.isAfter(now) ? at : now;
      alarm.ring.run();
    }
    now = target;
  }

  /** Sets the clock without any alarm ringing on the way; those that are due ring afterwards. */
  void jumpTo(String instant) {
    now = Instant.parse(instant);
    advanceTo(now);
  }

  /** Rings every alarm that is set, at whatever time. */
  void ringAll() {
    for (ManualAlarm alarm : List.copyOf(alarms)) {
      if (alarm.at != null) {
        alarm.at = null;
        alarm.ring.run();
      }
    }
  }

  private Optional<ManualAlarm> firstUpTo(Instant target) {
    return alarms.stream()
        .filter(alarm -> alarm.at != null && !alarm.at.isAfter(target))
        .min(Comparator.comparing(alarm -> alarm.at == null ? Instant.MAX : alarm.at));
  }

  @Override
  public Alarm create(String name, Runnable ring) {
    ManualAlarm alarm = new ManualAlarm(ring);
    alarms.add(alarm);
    return alarm;
  }

  @Override
  public Instant instant() {
    return now;
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    throw new UnsupportedOperationException();
  }

  private static final class ManualAlarm implements Alarm {
    private final Runnable ring;
    private @Nullable Instant at;

    ManualAlarm(Runnable ring) {
      this.ring = ring;
    }

    Instant takeTime() {
      Instant time = at == null ? Instant.MIN : at;
      at = null;
      return time;
    }

    @Override
    public void at(Instant when) {
      at = when;
    }

    @Override
    public void clear() {
      at = null;
    }

    @Override
    public void close() {
      at = null;
    }
  }
}
