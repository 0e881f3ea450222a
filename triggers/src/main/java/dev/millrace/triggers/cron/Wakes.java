package dev.millrace.triggers.cron;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.quartz.Job;
import org.quartz.JobBuilder;
import org.quartz.JobDetail;
import org.quartz.JobExecutionContext;
import org.quartz.Scheduler;
import org.quartz.SchedulerException;
import org.quartz.SimpleScheduleBuilder;
import org.quartz.Trigger;
import org.quartz.TriggerBuilder;
import org.quartz.TriggerKey;

/**
 * The alarms of all triggers, by the millisecond at which they ring. Quartz knows the next one
 * only: a thousand triggers that are due together are one Quartz job, and one that is set far ahead
 * costs it nothing. All state is guarded by this.
 */
final class Wakes {

  /** Quartz may fire up to two milliseconds early; a trigger woken early would only sleep again. */
  private static final long NEVER_EARLY_MILLIS = 3;

  private static final TriggerKey KEY = TriggerKey.triggerKey("next");

  private final Scheduler quartz;
  private final JobDetail job = JobBuilder.newJob(Ring.class).withIdentity("ring").build();
  private final TreeMap<Long, Set<OneAlarm>> byMillis = new TreeMap<>();

  /** What Quartz is set to; {@code Long.MAX_VALUE} for nothing. */
  private long set = Long.MAX_VALUE;

  Wakes(Scheduler quartz) {
    this.quartz = quartz;
  }

  /** What Quartz runs: hands over and returns, so that its one thread is never busy for long. */
  Job job() {
    return new Ring(this);
  }

  /** An alarm that is not yet set. */
  Alarm alarm(Runnable ring) {
    return new OneAlarm(ring);
  }

  private void ring() {
    due().forEach(alarm -> alarm.ring.run());
  }

  private synchronized List<OneAlarm> due() {
    set = Long.MAX_VALUE;
    List<OneAlarm> due = new ArrayList<>();
    Map<Long, Set<OneAlarm>> over = byMillis.headMap(System.currentTimeMillis(), true);
    over.values().forEach(due::addAll);
    over.clear();
    due.forEach(alarm -> alarm.millis = null);
    setNext();
    return due;
  }

  private synchronized void set(OneAlarm alarm, @Nullable Long millis) {
    Long before = alarm.millis;
    if (before != null) {
      Set<OneAlarm> others = byMillis.get(before);
      others.remove(alarm);
      if (others.isEmpty()) {
        byMillis.remove(before);
      }
    }
    alarm.millis = millis;
    if (millis != null) {
      byMillis.computeIfAbsent(millis, time -> new HashSet<>()).add(alarm);
      setNext();
    }
  }

  /**
   * Sets Quartz to the first alarm, unless it rings earlier anyway; ringing for nothing is fine.
   */
  private void setNext() {
    if (byMillis.isEmpty() || byMillis.firstKey() >= set) {
      return;
    }
    set = byMillis.firstKey();
    Trigger once =
        TriggerBuilder.newTrigger()
            .withIdentity(KEY)
            .forJob(job)
            .startAt(Date.from(Instant.ofEpochMilli(set + NEVER_EARLY_MILLIS)))
            .withSchedule(
                SimpleScheduleBuilder.simpleSchedule().withMisfireHandlingInstructionFireNow())
            .build();
    try {
      quartz.scheduleJob(job, Set.of(once), true);
    } catch (SchedulerException e) {
      throw new IllegalStateException("Quartz takes no alarm: " + e.getMessage(), e);
    }
  }

  /** Quartz's job. */
  private record Ring(Wakes wakes) implements Job {
    @Override
    public void execute(JobExecutionContext context) {
      wakes.ring();
    }
  }

  /** The alarm of one trigger. */
  private final class OneAlarm implements Alarm {
    private final Runnable ring;

    /** When it rings. Guarded by the wakes. */
    private @Nullable Long millis;

    OneAlarm(Runnable ring) {
      this.ring = ring;
    }

    /** To the millisecond after it, so that it is never rung early. */
    @Override
    public void at(Instant when) {
      set(this, when.plusNanos(999_999).toEpochMilli());
    }

    @Override
    public void clear() {
      set(this, null);
    }

    @Override
    public void close() {
      clear();
    }
  }
}
