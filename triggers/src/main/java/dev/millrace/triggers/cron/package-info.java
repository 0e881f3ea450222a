/**
 * Schedules: Quartz wakes us, the fire ledger decides. Nothing else imports Quartz.
 *
 * <p>{@link dev.millrace.triggers.cron.CronSchedule} computes the grid times of a schedule and
 * knows no trigger. A trigger runs as tasks in its own {@link dev.millrace.triggers.cron.Mailbox},
 * on the few threads of the {@link dev.millrace.triggers.cron.CronScheduler} that all cron triggers
 * of a worker share; Quartz's threads and settlement callbacks only post to the mailbox.
 */
@NullMarked
package dev.millrace.triggers.cron;

import org.jspecify.annotations.NullMarked;
