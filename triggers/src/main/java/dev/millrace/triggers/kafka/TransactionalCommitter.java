package dev.millrace.triggers.kafka;

import dev.millrace.abi.Event;
import dev.millrace.abi.Message;
import dev.millrace.triggers.Destination;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Commits results and offsets as one: a reader of committed records sees the results of an event
 * once, however often the event ran.
 *
 * <p>The results of settled events are sent as they come, in one transaction for all partitions; at
 * its end the positions of the partitions are added to it. Every event that a position calls
 * finished has its results in this transaction or in an earlier one, because both are taken from
 * the same state on one thread. Records finished above the lowest open one are part of the position
 * ({@link CommitMetadata}); that list must be whole here, and is, because so few events of one
 * partition may be open that it always fits ({@link #MOST_IN_FLIGHT}).
 *
 * <p>A transaction that fails is aborted, and every partition goes back to what is committed. One
 * whose end is unknown, or whose producer was replaced by another, ends the use of this consumer
 * and this producer; the next producer of the same transactional id first ends what this one left
 * open.
 *
 * <p>Confined to the poll thread, but for what the producer's thread says of a message.
 */
final class TransactionalCommitter implements Committer {

  /**
   * With so many open events a partition has one more range of finished ones at most, each of two
   * numbers of five bytes (gaps below 2^35): these fit into {@link CommitMetadata#MAX_CHARS}.
   */
  static final int MOST_IN_FLIGHT = 256;

  /** How long a transaction is open at most: readers wait for so long. */
  static final Duration INTERVAL = Duration.ofMillis(100);

  private static final Logger LOG = LoggerFactory.getLogger(TransactionalCommitter.class);

  private final String trigger;
  private final String connection;
  private final Consumer<?, ?> consumer;
  private final Producer<byte[], byte[]> producer;
  private final Assignment assignment;
  private final LongSupplier nanoTime;
  private final List<TransactionalDelivery> unsent = new ArrayList<>();

  /** What is known to fail when its event has run again, until that event's end is committed. */
  private final Map<TopicPartition, Map<Long, Refusal>> refusals = new HashMap<>();

  /** Those in the open transaction whose event was told of its refusal. */
  private final List<TransactionalDelivery> refused = new ArrayList<>();

  /** The messages of the open transaction that failed, the first one first; any thread adds. */
  private final Queue<Refusal> failed = new ConcurrentLinkedQueue<>();

  private boolean open;
  private boolean mustRewind;
  private @Nullable KafkaException complaint;
  private @Nullable KafkaException end;
  private long lastCommit;

  TransactionalCommitter(
      String trigger,
      Consumer<?, ?> consumer,
      KafkaLink.Transactions transactions,
      Assignment assignment,
      LongSupplier nanoTime) {
    this.trigger = trigger;
    this.connection = transactions.connection();
    this.consumer = consumer;
    this.producer = transactions.producer();
    this.assignment = assignment;
    this.nanoTime = nanoTime;
    this.lastCommit = nanoTime.getAsLong();
  }

  @Override
  public Delivery delivery(
      AssignedPartition partition,
      long offset,
      Event event,
      @Nullable Object lane,
      Mailbox mailbox) {
    Refusal refusal = refusals.getOrDefault(partition.id(), Map.of()).get(offset);
    return new TransactionalDelivery(partition, offset, event, lane, mailbox, connection, refusal);
  }

  @Override
  public int mostInFlight() {
    return MOST_IN_FLIGHT;
  }

  @Override
  public void settled(Delivery delivery) {
    if (delivery.isAcknowledged() && delivery instanceof TransactionalDelivery transactional) {
      unsent.add(transactional);
    }
  }

  @Override
  public void commitIfDue() {
    if (!mustRewind && end == null) {
      try {
        send();
        long now = nanoTime.getAsLong();
        if (now - lastCommit >= INTERVAL.toNanos()) {
          lastCommit = now;
          commit();
        }
      } catch (KafkaException | IllegalStateException e) {
        fail(e);
      }
    }
    complain();
  }

  @Override
  public void commitNow(List<AssignedPartition> partitions) {
    if (mustRewind || end != null) {
      return;
    }
    try {
      send();
      commit();
    } catch (KafkaException | IllegalStateException e) {
      fail(e);
      LOG.atWarn()
          .addKeyValue("trigger", trigger)
          .addKeyValue("partitions", partitions)
          .addKeyValue("reason", e.toString())
          .log("the last transaction with these partitions failed; its events run again");
    }
  }

  @Override
  public void lost() {
    if (open && end == null) {
      fail(new RebalanceInProgressException("the partitions went to another member"));
    }
  }

  @Override
  public boolean mustRewind() {
    return mustRewind;
  }

  @Override
  public void rewound() {
    mustRewind = false;
    unsent.clear();
  }

  private void send() {
    for (TransactionalDelivery delivery : unsent) {
      // What a partition left behind that is no longer ours runs again elsewhere.
      if (!delivery.partition.isGivenUp()) {
        if (delivery.isRefused()) {
          refused.add(delivery);
        }
        delivery.messages().forEach(message -> send(delivery, message));
      }
    }
    unsent.clear();
  }

  @SuppressWarnings("FutureReturnValueIgnored") // the transaction fails with it, and says so
  private void send(TransactionalDelivery delivery, Message message) {
    begin();
    String topic = Destination.parse(message.to()).target();
    producer.send(
        new ProducerRecord<>(
            topic, null, message.key(), message.data(), RecordHeaders.toKafka(message.headers())),
        (metadata, failure) -> {
          if (failure != null) {
            String reason = "message to " + message.to() + " not sent: " + failure.getMessage();
            failed.add(new Refusal(delivery, topic, reason, failure));
          }
        });
    // The producer may have waited for the topic in vain, and would do so for each message.
    Refusal first = failed.peek();
    if (first != null) {
      throw new KafkaException(first.reason(), first.cause());
    }
  }

  private void begin() {
    if (!open) {
      producer.beginTransaction();
      open = true;
    }
  }

  private void commit() {
    List<Progress> news = Progress.of(assignment.all(), true);
    if (news.isEmpty() && !open) {
      return;
    }
    begin();
    if (!news.isEmpty()) {
      producer.sendOffsetsToTransaction(Progress.positions(news), consumer.groupMetadata());
    }
    producer.commitTransaction();
    open = false;
    news.forEach(Progress::confirmed);
    refused.forEach(this::forgetRefusal);
    refused.clear();
    refusals.keySet().retainAll(assignment.ids());
  }

  /** Aborts; where that is not possible, this producer and its consumer are at their end. */
  private void fail(RuntimeException failure) {
    unsent.clear();
    refused.clear();
    try {
      producer.abortTransaction();
    } catch (KafkaException | IllegalStateException e) {
      // Never a retriable one: only a new producer finds out how the transaction ended.
      end = new KafkaException("the transaction cannot go on: " + sentence(failure), failure);
      return;
    }
    open = false;
    mustRewind = true;
    Refusal first = failed.peek();
    boolean remembered = false;
    for (Refusal refusal = failed.poll(); refusal != null; refusal = failed.poll()) {
      if (refusal.isForGood(first)) {
        remember(refusal);
        remembered = true;
      }
    }
    if (isRebalance(failure)) {
      LOG.atInfo()
          .addKeyValue("trigger", trigger)
          .addKeyValue("reason", failure.getMessage())
          .log("a transaction met a rebalance and was aborted; its events run again");
    } else if (!remembered) {
      RuntimeException said =
          first == null ? failure : new KafkaException(first.reason(), first.cause());
      complaint = new AbortedTransactionException(sentence(said), said);
    }
  }

  private static boolean isRebalance(RuntimeException failure) {
    return failure instanceof CommitFailedException
        || failure.getCause() instanceof CommitFailedException
        || failure instanceof RebalanceInProgressException;
  }

  private static String sentence(RuntimeException failure) {
    return failure.getMessage() == null ? failure.toString() : failure.getMessage();
  }

  private void remember(Refusal refusal) {
    TransactionalDelivery delivery = refusal.delivery();
    refusals
        .computeIfAbsent(delivery.partition.id(), id -> new HashMap<>())
        .put(delivery.offset, refusal);
    LOG.atWarn()
        .addKeyValue("trigger", trigger)
        .addKeyValue("event", delivery.event.id())
        .addKeyValue("reason", refusal.reason())
        .log("a result will never be taken: its transaction was aborted, its events run again");
  }

  private void forgetRefusal(TransactionalDelivery delivery) {
    Map<Long, Refusal> ofPartition = refusals.get(delivery.partition.id());
    if (ofPartition != null) {
      ofPartition.remove(delivery.offset);
    }
  }

  private void complain() {
    KafkaException toSay = end;
    if (toSay == null) {
      toSay = complaint;
      complaint = null;
    }
    if (toSay != null) {
      throw toSay;
    }
  }
}
