package dev.millrace.triggers.kafka;

import dev.millrace.triggers.TriggerContext;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.ShareConsumer;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The life of one member of a share group: takes a batch of records, offers it, accepts each record
 * at the broker when it is settled, and takes the next batch.
 *
 * <p>The broker lends a record for a time (the lock). An event that takes longer has its lock
 * renewed; the broker's client brings such a record back before it fetches new ones, so that a slow
 * event holds up its own member and no other. A retry is no reason to give a record back, because
 * the broker would deliver it again at once and count that.
 *
 * <p>Confined to the member's thread.
 */
final class QueueLoop implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(QueueLoop.class);
  private static final Duration KAFKA_LOCK = Duration.ofSeconds(30);
  private static final int REMEMBERED = 4096;

  private final TriggerContext context;
  private final KafkaQueueOptions options;
  private final KafkaTiming timing;
  private final LongSupplier nanoTime;
  private final ShareConsumer<byte[], byte[]> consumer;
  private final ShareGroup group;

  /** The records with the worker, settled or not, that are not accepted yet. */
  private final Map<Place, QueueDelivery> held = new LinkedHashMap<>();

  /**
   * Those of them that may be acknowledged now: the client brought them and waits for an answer.
   */
  private final Map<Place, ConsumerRecord<byte[], byte[]>> inHand = new LinkedHashMap<>();

  /** Not taken by the intake yet. */
  private final ArrayDeque<QueueDelivery> pending = new ArrayDeque<>();

  /** What was accepted, with the count of its delivery: the client may bring it a second time. */
  private final Map<Place, Integer> accepted = new Memory();

  private long inHandSince;
  private long lastCommit;
  private boolean uncommitted;

  /** Which record. */
  private record Place(String topic, int partition, long offset) {
    static Place of(ConsumerRecord<?, ?> record) {
      return new Place(record.topic(), record.partition(), record.offset());
    }
  }

  /** Forgets the eldest. */
  private static final class Memory extends LinkedHashMap<Place, Integer> {
    private static final long serialVersionUID = 1L;

    @Override
    protected boolean removeEldestEntry(Map.Entry<Place, Integer> eldest) {
      return size() > REMEMBERED;
    }
  }

  QueueLoop(
      TriggerContext context,
      KafkaQueueOptions options,
      KafkaTiming timing,
      LongSupplier nanoTime,
      ShareConsumer<byte[], byte[]> consumer,
      ShareGroup group) {
    this.context = context;
    this.options = options;
    this.timing = timing;
    this.nanoTime = nanoTime;
    this.consumer = consumer;
    this.group = group;
    consumer.setAcknowledgementCommitCallback((records, failure) -> confirmed(failure));
  }

  /** Joins the group; returns at once. */
  void subscribe() {
    consumer.subscribe(options.topics());
  }

  /**
   * One round: accepts, offers, and takes records when it has answered for all it took before.
   *
   * @param hold whether the trigger is asked to take no events
   */
  void step(boolean hold) {
    accept();
    if (!hold) {
      offerPending();
      accept();
    }
    long now = nanoTime.getAsLong();
    if (!inHand.isEmpty() && now - inHandSince < lock().toNanos() / 3) {
      commitIfDue(now);
      await();
      return;
    }
    renew();
    if (hold && held.isEmpty()) {
      // To poll is to take; the group does without this member meanwhile.
      commitIfDue(now);
      await();
      return;
    }
    receive(consumer.poll(timing.poll()));
  }

  /** How many records wait for room. */
  int pending() {
    return pending.size();
  }

  /** Gives back what is not settled, tells the broker what is, and leaves the group. */
  @Override
  public void close() {
    accept();
    inHand.forEach(
        (place, record) -> {
          lastDelivery(record, "is given back after its last delivery, and the broker drops it");
          consumer.acknowledge(record, AcknowledgeType.RELEASE);
        });
    inHand.clear();
    try {
      consumer.commitSync(timing.drain());
    } catch (KafkaException e) {
      confirmed(e);
    }
    consumer.close(timing.drain());
  }

  private void accept() {
    Iterator<Map.Entry<Place, ConsumerRecord<byte[], byte[]>>> each = inHand.entrySet().iterator();
    while (each.hasNext()) {
      Map.Entry<Place, ConsumerRecord<byte[], byte[]>> entry = each.next();
      QueueDelivery delivery = held.get(entry.getKey());
      if (delivery != null && delivery.isAcknowledged()) {
        consumer.acknowledge(entry.getValue(), AcknowledgeType.ACCEPT);
        accepted.put(entry.getKey(), deliveryCount(entry.getValue()));
        held.remove(entry.getKey());
        each.remove();
        uncommitted = true;
      }
    }
  }

  private void offerPending() {
    QueueDelivery delivery = pending.peek();
    while (delivery != null && context.intake().offer(delivery.event, null, delivery)) {
      pending.remove();
      delivery = pending.peek();
    }
  }

  private void renew() {
    inHand.values().forEach(record -> consumer.acknowledge(record, AcknowledgeType.RENEW));
    inHand.clear();
  }

  private void receive(ConsumerRecords<byte[], byte[]> records) {
    uncommitted = false; // a poll carries what was acknowledged
    inHandSince = nanoTime.getAsLong();
    Arrival arrival = new Arrival(options.group(), context.clock().instant());
    for (ConsumerRecord<byte[], byte[]> record : records) {
      Place place = Place.of(record);
      if (held.containsKey(place)) {
        inHand.put(place, record);
      } else if (Integer.valueOf(deliveryCount(record)).equals(accepted.get(place))) {
        consumer.acknowledge(record, AcknowledgeType.ACCEPT);
        uncommitted = true;
      } else {
        lastDelivery(record, "is delivered for the last time; if the worker dies now, it is lost");
        QueueDelivery delivery =
            new QueueDelivery(RecordEvents.of(record, arrival), Thread.currentThread());
        held.put(place, delivery);
        inHand.put(place, record);
        pending.add(delivery);
      }
    }
  }

  private void lastDelivery(ConsumerRecord<byte[], byte[]> record, String sentence) {
    if (deliveryCount(record) >= group.deliveries()) {
      LOG.atWarn()
          .addKeyValue("trigger", context.name())
          .addKeyValue("event", KafkaEvent.id(record))
          .addKeyValue("deliveries", deliveryCount(record))
          .log("the record {}", sentence);
    }
  }

  private static int deliveryCount(ConsumerRecord<byte[], byte[]> record) {
    return record.deliveryCount().map(Short::intValue).orElse(1);
  }

  private Duration lock() {
    return consumer.acquisitionLockTimeoutMs().map(Duration::ofMillis).orElse(KAFKA_LOCK);
  }

  private void commitIfDue(long now) {
    if (uncommitted && now - lastCommit >= timing.commit().toNanos()) {
      lastCommit = now;
      uncommitted = false;
      consumer.commitAsync();
    }
  }

  private void await() {
    LockSupport.parkNanos(this, timing.poll().toNanos());
  }

  private void confirmed(@Nullable Exception failure) {
    if (failure != null) {
      LOG.atWarn()
          .addKeyValue("trigger", context.name())
          .addKeyValue("reason", failure.toString())
          .log("the broker did not take an answer for some records; it delivers them again");
    }
  }
}
