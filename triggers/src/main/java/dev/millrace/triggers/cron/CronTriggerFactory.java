package dev.millrace.triggers.cron;

import dev.millrace.triggers.Trigger;
import dev.millrace.triggers.TriggerContext;
import dev.millrace.triggers.TriggerFactory;
import java.util.concurrent.Executor;

/** Makes a cron trigger. */
public final class CronTriggerFactory implements TriggerFactory {

  private final CronOptions options;
  private final CronSchedule schedule;
  private final FireLedger ledger;
  private final Executor threads;
  private final Alarm.Maker alarms;

  /**
   * @param options when to fire, and with what
   * @param ledger where grid times are recorded
   * @param scheduler what all cron triggers of the worker share; stays open until they are closed
   * @throws IllegalArgumentException with a sentence when the schedule cannot be read or never
   *     fires
   */
  public CronTriggerFactory(CronOptions options, FireLedger ledger, CronScheduler scheduler) {
    this(options, ledger, scheduler.threads(), scheduler::alarm);
  }

  /** With threads and alarms of a test's own. */
  CronTriggerFactory(CronOptions options, FireLedger ledger, Executor threads, Alarm.Maker alarms) {
    this.options = options;
    this.schedule = CronSchedule.parse(options.schedule(), options.zone());
    this.ledger = ledger;
    this.threads = threads;
    this.alarms = alarms;
  }

  @Override
  public Trigger create(TriggerContext context) {
    return new CronTrigger(context, options, schedule, ledger, threads, alarms);
  }
}
