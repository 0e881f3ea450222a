package dev.millrace.triggers.kafka;

import dev.millrace.triggers.Intake;
import dev.millrace.triggers.TriggerContext;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.clients.consumer.SubscriptionPattern;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The life of one consumer: polls, offers, listens to settlements, commits.
 *
 * <p>Confined to the poll thread, which alone touches the consumer, the trackers and the counts.
 * Settlements reach it through the mailbox.
 *
 * <p>It polls at least every {@link KafkaTiming#poll}, whatever happens, so that no function is
 * long enough to cost the group membership: without room the partitions are paused, and polling
 * goes on.
 */
final class PollLoop implements ConsumerRebalanceListener, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(PollLoop.class);

  /** Without room, the loop waits until this share of what the worker holds is settled. */
  private static final int ROOM_SHARE = 8;

  private final TriggerContext context;
  private final KafkaTriggerOptions options;
  private final KafkaTiming timing;
  private final LongSupplier nanoTime;
  private final Consumer<byte[], byte[]> consumer;
  private final StatusBoard board;
  private final Assignment assignment;
  private final KafkaLink link;
  private final Committer committer;
  private final SourceWatch watch;
  private final Mailbox mailbox = new Mailbox();

  /** Received and not yet taken by the intake, in the order of receipt. */
  private final ArrayDeque<Delivery> pending = new ArrayDeque<>();

  private final Set<TopicPartition> paused = new HashSet<>();

  PollLoop(
      TriggerContext context,
      KafkaTriggerOptions options,
      KafkaTiming timing,
      LongSupplier nanoTime,
      KafkaLink link,
      StartPositions starts,
      StatusBoard board) {
    this.context = context;
    this.options = options;
    this.timing = timing;
    this.nanoTime = nanoTime;
    this.link = link;
    this.consumer = link.consumer();
    this.board = board;
    this.assignment = new Assignment(context, consumer, starts, timing.request());
    this.committer =
        link.transactions()
            .<Committer>map(
                transactions ->
                    new TransactionalCommitter(
                        context.name(), consumer, transactions, assignment, nanoTime))
            .orElseGet(
                () -> new OffsetCommitter(context.name(), consumer, assignment, timing, nanoTime));
    this.watch = new SourceWatch(context.name(), options, timing, consumer, starts, nanoTime);
  }

  /** Joins the group; returns at once. */
  void subscribe() {
    if (options.pattern().isEmpty()) {
      consumer.subscribe(options.topics(), this);
    } else if (options.membership().protocol() == Membership.Protocol.CONSUMER) {
      consumer.subscribe(new SubscriptionPattern(options.pattern().get()), this);
    } else {
      consumer.subscribe(Pattern.compile(options.pattern().get()), this);
    }
  }

  /**
   * One round: settles, offers, commits, polls.
   *
   * @param hold whether the trigger is asked to take no events
   */
  void step(boolean hold) {
    mailbox.drain(this::settle);
    if (committer.mustRewind()) {
      rewind();
    }
    boolean full = !hold && !offerPending();
    pausePartitions(hold || full);
    committer.commitIfDue();
    watch.observe(hold, assignment, pending.size(), board);
    if (hold) {
      // The consumer would not wait: it comes back at once while it has records of paused
      // partitions.
      mailbox.await(timing.poll().toNanos());
    }
    receive(poll(hold || full ? Duration.ZERO : timing.poll()));
  }

  /**
   * Waits until the worker has settled what it holds of this consumer's records, at most {@link
   * KafkaTiming#drain}. Nothing more is offered.
   */
  void drain() {
    dropPending(assignment.all());
    awaitSettled(assignment.all());
  }

  /** Commits what is settled and leaves the group. Blocks for a bounded time. */
  @Override
  public void close() {
    try {
      mailbox.drain(this::settle);
      committer.commitNow(assignment.all());
      pending.clear();
      assignment.giveUpAll();
    } finally {
      link.close(timing.drain());
    }
  }

  /** Begins everywhere at what is committed; what runs now, and was not committed, is void. */
  private void rewind() {
    dropPending(assignment.all());
    assignment.rewind();
    committer.rewound();
  }

  @Override
  public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
    assignment.add(partitions);
  }

  @Override
  public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
    List<AssignedPartition> revoked = assignment.find(partitions);
    dropPending(revoked);
    awaitSettled(revoked);
    committer.commitNow(revoked);
    remove(partitions);
  }

  @Override
  public void onPartitionsLost(Collection<TopicPartition> partitions) {
    dropPending(assignment.find(partitions));
    remove(partitions);
    committer.lost();
  }

  private void remove(Collection<TopicPartition> partitions) {
    assignment.remove(partitions);
    paused.removeAll(partitions);
  }

  private void dropPending(List<AssignedPartition> partitions) {
    if (!partitions.isEmpty() && !pending.isEmpty()) {
      Set<AssignedPartition> dropped = new HashSet<>(partitions);
      pending.removeIf(delivery -> dropped.contains(delivery.partition));
    }
  }

  private void awaitSettled(List<AssignedPartition> partitions) {
    long deadline = nanoTime.getAsLong() + timing.drain().toNanos();
    mailbox.drain(this::settle);
    long remaining = deadline - nanoTime.getAsLong();
    while (inFlight(partitions) > 0 && remaining > 0 && !Thread.currentThread().isInterrupted()) {
      mailbox.await(remaining);
      mailbox.drain(this::settle);
      remaining = deadline - nanoTime.getAsLong();
    }
    int left = inFlight(partitions);
    if (left > 0) {
      LOG.atWarn()
          .addKeyValue("trigger", context.name())
          .addKeyValue("events", left)
          .log("events of a revoked partition are still running; its next reader runs them again");
    }
  }

  private static int inFlight(List<AssignedPartition> partitions) {
    return partitions.stream().mapToInt(AssignedPartition::inFlight).sum();
  }

  private void settle(Delivery delivery) {
    delivery.partition.settled(delivery);
    committer.settled(delivery);
  }

  /**
   * Offers what is pending; waits for room, at most one poll interval.
   *
   * @return whether nothing is pending any more
   */
  private boolean offerPending() {
    long deadline = nanoTime.getAsLong() + timing.poll().toNanos();
    Intake intake = context.intake();
    while (true) {
      Delivery delivery = pending.peek();
      if (delivery == null) {
        return true;
      }
      boolean allowed = delivery.partition.inFlight() < committer.mostInFlight();
      if (allowed && intake.offer(delivery.event, delivery.lane, delivery)) {
        pending.remove();
        delivery.partition.offered();
      } else {
        long remaining = deadline - nanoTime.getAsLong();
        int held = allowed ? inFlight(assignment.all()) : delivery.partition.inFlight();
        if (remaining <= 0 || !mailbox.await(Math.max(1, held / ROOM_SHARE), remaining)) {
          return false;
        }
        mailbox.drain(this::settle);
      }
    }
  }

  private void pausePartitions(boolean hold) {
    if (hold) {
      List<TopicPartition> running = new ArrayList<>(assignment.ids());
      running.removeAll(paused);
      if (!running.isEmpty()) {
        consumer.pause(running);
        paused.addAll(running);
      }
    } else if (!paused.isEmpty()) {
      consumer.resume(List.copyOf(paused));
      paused.clear();
    }
  }

  private ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
    try {
      return consumer.poll(timeout);
    } catch (InvalidOffsetException e) {
      dropPending(assignment.find(e.partitions()));
      assignment.repair(e);
      return ConsumerRecords.empty();
    }
  }

  private void receive(ConsumerRecords<byte[], byte[]> records) {
    if (records.isEmpty()) {
      passGaps(records);
      return;
    }
    Arrival arrival = new Arrival(options.group(), context.clock().instant());
    for (TopicPartition id : records.partitions()) {
      AssignedPartition partition = assignment.get(id);
      for (ConsumerRecord<byte[], byte[]> record : records.records(id)) {
        if (record.offset() < partition.tracker().next()) {
          dropPending(List.of(partition));
          partition = assignment.rewound(id, record.offset());
        }
        if (partition.tracker().receive(record.offset())) {
          pending.add(
              committer.delivery(
                  partition,
                  record.offset(),
                  RecordEvents.of(record, arrival),
                  Lanes.of(options.order(), id, record),
                  mailbox));
        }
      }
    }
    passGaps(records);
  }

  /** Passes offsets without records, as transaction markers are, at the end of what was read. */
  private void passGaps(ConsumerRecords<byte[], byte[]> records) {
    records
        .nextOffsets()
        .forEach(
            (id, position) -> {
              OffsetTracker tracker = assignment.get(id).tracker();
              if (position.offset() > tracker.next()) {
                tracker.passTo(position.offset());
              }
            });
  }
}
