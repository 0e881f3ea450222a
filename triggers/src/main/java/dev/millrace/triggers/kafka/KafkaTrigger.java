package dev.millrace.triggers.kafka;

import dev.millrace.triggers.Trigger;
import dev.millrace.triggers.TriggerContext;
import dev.millrace.triggers.TriggerStatus;
import dev.millrace.triggers.kafka.Membership.Protocol;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RetriableException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads topics as a member of a consumer group: one poll thread, {@code trigger-<name>}, which owns
 * the consumer and makes a new one when the old one cannot go on.
 *
 * <p>Committed is only what is settled with an acknowledgement, and everything below it; beside the
 * committed offset the broker keeps which records above it are finished. Records not committed when
 * the worker ends come again: delivery is at least once.
 */
final class KafkaTrigger implements Trigger {

  private static final Logger LOG = LoggerFactory.getLogger(KafkaTrigger.class);

  private final TriggerContext context;
  private final KafkaTriggerOptions options;
  private final KafkaTiming timing;
  private final KafkaLinks links;
  private final RandomGenerator random;
  private final StatusBoard board;
  private final StartPositions starts;
  private final CountDownLatch closing = new CountDownLatch(1);
  private volatile boolean paused;
  private @Nullable Thread thread;

  /** {@code CONSUMER} or {@code CLASSIC}. Confined to the poll thread. */
  private Protocol protocol;

  /** How many tries in a row did not lead to a working consumer. Confined to the poll thread. */
  private int failures;

  KafkaTrigger(
      TriggerContext context,
      KafkaTriggerOptions options,
      KafkaTiming timing,
      KafkaLinks links,
      RandomGenerator random) {
    this.context = context;
    this.options = options;
    this.timing = timing;
    this.links = links;
    Protocol declared = options.membership().protocol();
    this.protocol = declared == Protocol.AUTO ? Protocol.CONSUMER : declared;
    this.random = random;
    this.board = new StatusBoard(context);
    this.starts = new StartPositions(options.start(), timing.request(), context.clock().instant());
  }

  @Override
  public String name() {
    return context.name();
  }

  @Override
  public synchronized void start() {
    if (thread != null) {
      throw new IllegalStateException("trigger '" + name() + "' is started already");
    }
    board.connecting("looking for a Kafka broker");
    Thread started = new Thread(this::run, "trigger-" + name());
    thread = started;
    started.start();
  }

  @Override
  public void pause() {
    paused = true;
  }

  @Override
  public void resume() {
    paused = false;
  }

  @Override
  public TriggerStatus status() {
    return board.status();
  }

  @Override
  public synchronized void close() {
    closing.countDown();
    Thread running = thread;
    if (running == null) {
      board.closed();
      return;
    }
    boolean interrupted = false;
    while (running.isAlive()) {
      try {
        running.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try {
      while (isOpen()) {
        useOneConsumer();
      }
      board.closed();
    } catch (Throwable e) {
      board.failed("trigger '" + name() + "' ended by " + e, e);
    }
  }

  /** Reads until the trigger is closed, or until this consumer cannot go on. */
  private void useOneConsumer() {
    KafkaLink link;
    try {
      link = links.open(protocol);
    } catch (KafkaException e) {
      if (!Trouble.mayPass(e)) {
        throw e;
      }
      waitAfter(e);
      return;
    }
    KafkaException trouble = null;
    try (PollLoop loop =
        new PollLoop(
            context, options.with(protocol), timing, System::nanoTime, link, starts, board)) {
      loop.subscribe();
      trouble = pollUntilTrouble(loop);
      if (trouble != null && !needsClassic(trouble)) {
        board.lost(Trouble.sentence(trouble));
        loop.drain();
      }
    }
    if (trouble != null && needsClassic(trouble)) {
      LOG.atInfo()
          .addKeyValue("trigger", name())
          .log("the broker does not have the group protocol 'consumer': going on with 'classic'");
      protocol = Protocol.CLASSIC;
    } else if (trouble != null) {
      waitAfter(trouble);
    }
  }

  private boolean needsClassic(KafkaException trouble) {
    return options.membership().protocol() == Protocol.AUTO
        && protocol == Protocol.CONSUMER
        && Trouble.isUnsupported(trouble);
  }

  /** Polls; ends without trouble when the trigger is closed. */
  private @Nullable KafkaException pollUntilTrouble(PollLoop loop) {
    while (isOpen()) {
      try {
        loop.step(paused);
        if (board.isConnected()) {
          failures = 0;
        }
      } catch (InterruptException e) {
        throw e;
      } catch (RetriableException e) {
        waitAfter(e);
      } catch (KafkaException e) {
        if (!Trouble.mayPass(e)) {
          throw e;
        }
        return e;
      }
    }
    return null;
  }

  private void waitAfter(KafkaException trouble) {
    failures++;
    board.lost(Trouble.sentence(trouble));
    Duration delay = Backoff.delay(failures, random);
    try {
      if (closing.await(delay.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.atDebug().addKeyValue("trigger", name()).log("closed while waiting for the broker");
      }
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }

  private boolean isOpen() {
    return closing.getCount() > 0;
  }
}
