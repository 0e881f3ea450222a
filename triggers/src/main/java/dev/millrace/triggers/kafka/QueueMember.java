package dev.millrace.triggers.kafka;

import dev.millrace.triggers.TriggerContext;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ShareConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RetriableException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One member of a share group: owns a consumer, and makes a new one when the old one cannot go on.
 */
final class QueueMember implements Runnable {

  private static final Logger LOG = LoggerFactory.getLogger(QueueMember.class);
  private static final long LOOK_NANOS = 200_000_000;

  private final int number;
  private final TriggerContext context;
  private final KafkaQueueOptions options;
  private final KafkaTiming timing;
  private final Supplier<ShareConsumer<byte[], byte[]>> consumers;
  private final ShareGroup group;
  private final QueueBoard board;
  private final CountDownLatch closing;
  private volatile boolean hold;

  /** How many tries in a row failed. Confined to the member's thread, like all below. */
  private int failures;

  private Set<String> missing = Set.of();
  private boolean topicsSeen;
  private boolean shownHold;
  private long nextLook;
  private long nextTopicCheck;

  QueueMember(
      int number,
      TriggerContext context,
      KafkaQueueOptions options,
      KafkaTiming timing,
      Supplier<ShareConsumer<byte[], byte[]>> consumers,
      ShareGroup group,
      QueueBoard board,
      CountDownLatch closing) {
    this.number = number;
    this.context = context;
    this.options = options;
    this.timing = timing;
    this.consumers = consumers;
    this.group = group;
    this.board = board;
    this.closing = closing;
  }

  int number() {
    return number;
  }

  /** Asks it to take no events, or to take them again. Any thread. */
  void hold(boolean now) {
    hold = now;
  }

  @Override
  public void run() {
    try {
      while (isOpen()) {
        KafkaException trouble = useOneConsumer();
        if (trouble != null) {
          waitAfter(trouble);
        }
      }
    } catch (Throwable e) {
      board.failed("trigger '" + context.name() + "' ended by " + e, e);
    }
  }

  private @Nullable KafkaException useOneConsumer() {
    try {
      group.prepare(timing.request());
    } catch (KafkaException e) {
      return passing(e);
    }
    ShareConsumer<byte[], byte[]> consumer;
    try {
      consumer = consumers.get();
    } catch (KafkaException e) {
      return passing(e);
    }
    ConnectionWatch watch =
        new ConnectionWatch(
            consumer.metrics(), System.nanoTime(), timing.grace(), timing.silence());
    nextTopicCheck = System.nanoTime();
    try (QueueLoop loop =
        new QueueLoop(context, options, timing, System::nanoTime, consumer, group)) {
      loop.subscribe();
      return loopUntilTrouble(loop, watch);
    }
  }

  private @Nullable KafkaException loopUntilTrouble(QueueLoop loop, ConnectionWatch watch) {
    while (isOpen()) {
      try {
        loop.step(hold);
        look(watch);
      } catch (InterruptException e) {
        throw e;
      } catch (RetriableException e) {
        waitAfter(e);
      } catch (KafkaException e) {
        return passing(e);
      }
    }
    return null;
  }

  private static KafkaException passing(KafkaException trouble) {
    if (trouble instanceof InterruptException || !Trouble.mayPass(trouble)) {
      throw trouble;
    }
    return trouble;
  }

  private void look(ConnectionWatch watch) {
    long now = System.nanoTime();
    boolean held = hold;
    if (now - nextLook < 0 && held == shownHold) {
      return;
    }
    nextLook = now + LOOK_NANOS;
    if (!watch.isReachable(now)) {
      board.lost(
          number, "no answer from the Kafka brokers of share group '" + options.group() + "'");
      return;
    }
    if (!watch.hasHeard()) {
      return;
    }
    failures = 0;
    shownHold = held;
    checkTopics(now);
    board.reached(
        number,
        held,
        missing.isEmpty()
            ? ""
            : "waiting for topics that do not exist: " + String.join(", ", missing));
  }

  /** One member looks for all, until every topic was there once. */
  private void checkTopics(long now) {
    if (number != 1 || topicsSeen || now - nextTopicCheck < 0) {
      return;
    }
    Set<String> before = missing;
    missing = group.missingTopics(timing.request());
    topicsSeen = missing.isEmpty();
    nextTopicCheck = now + timing.topicCheck().toNanos();
    if (!missing.isEmpty() && !missing.equals(before)) {
      LOG.atWarn()
          .addKeyValue("trigger", context.name())
          .addKeyValue("topics", missing)
          .log("topics do not exist; waiting for somebody to create them");
    }
  }

  private void waitAfter(KafkaException trouble) {
    failures++;
    board.lost(number, Trouble.sentence(trouble));
    long delay = Backoff.delay(failures, ThreadLocalRandom.current()).toMillis();
    try {
      if (closing.await(delay, TimeUnit.MILLISECONDS)) {
        LOG.atDebug().addKeyValue("trigger", context.name()).log("closed while waiting");
      }
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }

  private boolean isOpen() {
    return closing.getCount() > 0;
  }
}
