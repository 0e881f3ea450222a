package dev.millrace.triggers.cron;

import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Properties;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.quartz.Job;
import org.quartz.JobBuilder;
import org.quartz.JobDataMap;
import org.quartz.JobDetail;
import org.quartz.JobExecutionContext;
import org.quartz.Scheduler;
import org.quartz.SchedulerException;
import org.quartz.SimpleScheduleBuilder;
import org.quartz.Trigger;
import org.quartz.TriggerBuilder;
import org.quartz.TriggerKey;
import org.quartz.impl.StdSchedulerFactory;

/**
 * What all cron triggers of a worker share: one Quartz scheduler that wakes them, and a few threads
 * on which they run. Ten thousand triggers need no more threads than ten.
 *
 * <p>The composition root makes one before the first cron trigger and closes it after the last one.
 * Quartz goes by the system's clock, so the triggers' clock has to as well.
 */
public final class CronScheduler implements AutoCloseable {

  private static final int TRIGGER_THREADS = 4;
  private static final String RING = "ring";

  /** Quartz may fire up to two milliseconds early; a trigger woken early would only sleep again. */
  private static final Duration NEVER_EARLY = Duration.ofMillis(3);

  private final Scheduler quartz;
  private final ExecutorService threads;
  private final AtomicLong alarms = new AtomicLong();

  private CronScheduler(Scheduler quartz) {
    this.quartz = quartz;
    this.threads =
        new ThreadPoolExecutor(
            TRIGGER_THREADS,
            TRIGGER_THREADS,
            0,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform().daemon().name("cron-", 1).factory(),
            // After close every trigger is closed, and a late settlement has nothing left to do.
            new ThreadPoolExecutor.DiscardPolicy());
  }

  /** Starts a scheduler with its threads. */
  public static CronScheduler start() {
    Properties properties = new Properties();
    properties.setProperty(
        StdSchedulerFactory.PROP_SCHED_INSTANCE_NAME, "millrace-" + UUID.randomUUID());
    properties.setProperty(StdSchedulerFactory.PROP_SCHED_THREAD_NAME, "cron-alarm");
    properties.setProperty(StdSchedulerFactory.PROP_SCHED_MAKE_SCHEDULER_THREAD_DAEMON, "true");
    properties.setProperty("org.quartz.threadPool.class", "org.quartz.simpl.SimpleThreadPool");
    properties.setProperty("org.quartz.threadPool.threadCount", "1");
    properties.setProperty("org.quartz.threadPool.threadNamePrefix", "cron-ring");
    properties.setProperty("org.quartz.threadPool.makeThreadsDaemons", "true");
    properties.setProperty("org.quartz.jobStore.class", "org.quartz.simpl.RAMJobStore");
    try {
      Scheduler quartz = new StdSchedulerFactory(properties).getScheduler();
      quartz.setJobFactory((fired, scheduler) -> new RingJob());
      quartz.start();
      return new CronScheduler(quartz);
    } catch (SchedulerException e) {
      throw new IllegalStateException("Quartz does not start: " + e.getMessage(), e);
    }
  }

  /** The threads on which triggers run. */
  ExecutorService threads() {
    return threads;
  }

  Alarm alarm(String name, Runnable ring) {
    return new QuartzAlarm(name + "#" + alarms.incrementAndGet(), ring);
  }

  /** Stops waking and ends the threads; waits for what runs. */
  @Override
  public void close() {
    try {
      quartz.shutdown(true);
    } catch (SchedulerException e) {
      throw new IllegalStateException("Quartz does not stop: " + e.getMessage(), e);
    } finally {
      threads.shutdown();
    }
    try {
      if (!threads.awaitTermination(10, TimeUnit.SECONDS)) {
        threads.shutdownNow();
      }
    } catch (InterruptedException e) {
      threads.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }

  /** Quartz's job: hands over and returns, so that Quartz's one thread is never busy for long. */
  private static final class RingJob implements Job {
    @Override
    public void execute(JobExecutionContext context) {
      ((Runnable) context.getMergedJobDataMap().get(RING)).run();
    }
  }

  /** A Quartz job with one trigger that fires once. */
  private final class QuartzAlarm implements Alarm {
    private final JobDetail job;
    private final TriggerKey key;

    QuartzAlarm(String name, Runnable ring) {
      JobDataMap data = new JobDataMap();
      data.put(RING, ring);
      job = JobBuilder.newJob(RingJob.class).withIdentity(name).setJobData(data).build();
      key = TriggerKey.triggerKey(name);
    }

    @Override
    public void at(Instant when) {
      Trigger once =
          TriggerBuilder.newTrigger()
              .withIdentity(key)
              .forJob(job)
              .startAt(Date.from(when.plus(NEVER_EARLY)))
              .withSchedule(
                  SimpleScheduleBuilder.simpleSchedule().withMisfireHandlingInstructionFireNow())
              .build();
      try {
        quartz.scheduleJob(job, Set.of(once), true);
      } catch (SchedulerException e) {
        throw new IllegalStateException("Quartz does not take " + key + ": " + e.getMessage(), e);
      }
    }

    @Override
    public void clear() {
      try {
        quartz.unscheduleJob(key);
      } catch (SchedulerException e) {
        throw new IllegalStateException("Quartz keeps " + key + ": " + e.getMessage(), e);
      }
    }

    @Override
    public void close() {
      clear();
    }
  }
}
