/** Schedules: Quartz wakes us, the fire ledger decides. Nothing else imports Quartz. */
@NullMarked
package dev.millrace.triggers.cron;

import org.jspecify.annotations.NullMarked;
