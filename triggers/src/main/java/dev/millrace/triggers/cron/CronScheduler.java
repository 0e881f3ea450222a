package dev.millrace.triggers.cron;

import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.quartz.Scheduler;
import org.quartz.SchedulerException;
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

  private final Scheduler quartz;
  private final Wakes wakes;
  private final ExecutorService threads;

  private CronScheduler(Scheduler quartz, Wakes wakes) {
    this.quartz = quartz;
    this.wakes = wakes;
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
      Wakes wakes = new Wakes(quartz);
      quartz.setJobFactory((fired, scheduler) -> wakes.job());
      quartz.start();
      return new CronScheduler(quartz, wakes);
    } catch (SchedulerException e) {
      throw new IllegalStateException("Quartz does not start: " + e.getMessage(), e);
    }
  }

  /** The threads on which triggers run. */
  ExecutorService threads() {
    return threads;
  }

  Alarm alarm(String name, Runnable ring) {
    return wakes.alarm(ring);
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
}
