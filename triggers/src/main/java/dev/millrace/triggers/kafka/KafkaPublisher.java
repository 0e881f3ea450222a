package dev.millrace.triggers.kafka;

import dev.millrace.abi.Message;
import dev.millrace.triggers.Destination;
import dev.millrace.triggers.Publisher;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends messages to the topics of one Kafka cluster, idempotently and confirmed by all in-sync
 * replicas. Keys, headers and data go out byte for byte; {@code null} data is a tombstone.
 *
 * <p>Callers never wait: one thread, {@code publisher-<name>}, owns the producer, and the producer
 * is told never to wait either ({@code max.block.ms=0}). Where it has no metadata of a topic yet,
 * the messages are tried again until {@link #METADATA_LIMIT}; a topic that does not exist holds up
 * nobody else's messages. What is unconfirmed is bounded by {@link #MAX_UNCONFIRMED_BYTES}; beyond
 * that publishing fails at once.
 */
public final class KafkaPublisher implements Publisher {

  private static final Logger LOG = LoggerFactory.getLogger(KafkaPublisher.class);

  /**
   * How much may wait for confirmation, in bytes; a single larger batch is taken when none does.
   */
  static final long MAX_UNCONFIRMED_BYTES = 64L << 20;

  /** How long a topic may be unknown. */
  static final Duration METADATA_LIMIT = Duration.ofSeconds(10);

  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);
  private static final long RETRY_MILLIS = 50;

  private final String name;
  private final Duration metadataLimit;
  private final Supplier<Producer<byte[], byte[]>> producers;
  private final AtomicLong unconfirmedBytes = new AtomicLong();
  private final ScheduledExecutorService thread;

  /** Confined to the publisher's thread. */
  private @Nullable Producer<byte[], byte[]> producer;

  /** Batches that are tried again soon. Confined to the publisher's thread. */
  private final Set<Batch> waiting = new LinkedHashSet<>();

  KafkaPublisher(
      String name, Duration metadataLimit, Supplier<Producer<byte[], byte[]>> producers) {
    this.name = name;
    this.metadataLimit = metadataLimit;
    this.producers = producers;
    ScheduledThreadPoolExecutor executor =
        new ScheduledThreadPoolExecutor(1, task -> new Thread(task, "publisher-" + name));
    executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    this.thread = executor;
  }

  /**
   * A publisher for a connection. Opens no connection until the first message; the broker need not
   * be there.
   *
   * @param name the connection's name in the manifest
   * @throws IllegalArgumentException if a property of the connection is one that the publisher's
   *     promises rest on
   */
  public static KafkaPublisher create(String name, KafkaConnection connection) {
    Map<String, Object> properties = KafkaClients.producer(name, connection);
    return new KafkaPublisher(
        name,
        METADATA_LIMIT,
        () -> KafkaClients.make(properties, KafkaProducer<byte[], byte[]>::new));
  }

  @Override
  public CompletionStage<Void> publish(List<Message> messages) {
    if (messages.isEmpty()) {
      return CompletableFuture.completedStage(null);
    }
    long bytes = messages.stream().mapToLong(Message::size).sum();
    if (!reserve(bytes)) {
      return CompletableFuture.failedStage(
          new IOException(
              "publisher '%s': %d bytes wait for confirmation already; the broker does not keep up"
                  .formatted(name, unconfirmedBytes.get())));
    }
    Batch batch = new Batch(messages, bytes, System.nanoTime() + metadataLimit.toNanos());
    try {
      thread.execute(batch::send);
    } catch (RejectedExecutionException e) {
      batch.fail(closed(), e);
    }
    return batch.result.minimalCompletionStage();
  }

  @Override
  public void close() {
    if (thread.isShutdown()) {
      return;
    }
    thread.execute(this::end);
    thread.shutdown();
    try {
      if (!thread.awaitTermination(2 * CLOSE_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.atWarn().addKeyValue("publisher", name).log("the publisher takes long to close");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void end() {
    List.copyOf(waiting).forEach(batch -> batch.fail(closed(), null));
    if (producer != null) {
      producer.close(CLOSE_LIMIT);
    }
  }

  private String closed() {
    return "publisher '" + name + "' is closed";
  }

  private boolean reserve(long bytes) {
    long before;
    do {
      before = unconfirmedBytes.get();
      if (before > 0 && before + bytes > MAX_UNCONFIRMED_BYTES) {
        return false;
      }
    } while (!unconfirmedBytes.compareAndSet(before, before + bytes));
    return true;
  }

  private Producer<byte[], byte[]> producer() {
    if (producer == null) {
      producer = producers.get();
    }
    return producer;
  }

  /** A producer that broke for good is replaced at the next message. */
  private void discardProducer() {
    if (producer != null) {
      producer.close(Duration.ZERO);
      producer = null;
    }
  }

  /**
   * The messages of one call. Sent on the publisher's thread, in order; confirmed on the producer's
   * thread, in any order.
   */
  private final class Batch {
    private final List<Message> messages;
    private final long bytes;
    private final long deadline;
    private final AtomicInteger unconfirmed;
    private final AtomicBoolean ended = new AtomicBoolean();
    private final CompletableFuture<@Nullable Void> result = new CompletableFuture<>();

    /** How many messages the producer has taken. Confined to the publisher's thread. */
    private int taken;

    Batch(List<Message> messages, long bytes, long deadline) {
      this.messages = List.copyOf(messages);
      this.bytes = bytes;
      this.deadline = deadline;
      this.unconfirmed = new AtomicInteger(messages.size());
    }

    /** Gives the producer what it will take; what it has no metadata for is tried again soon. */
    @SuppressWarnings("FutureReturnValueIgnored") // the batch itself carries the failure
    void send() {
      waiting.remove(this);
      while (taken < messages.size() && !ended.get()) {
        Message message = messages.get(taken);
        KafkaException refusal = hand(message);
        if (refusal == null) {
          taken++;
        } else if (thread.isShutdown()) {
          fail(closed(), refusal);
        } else if (refusal instanceof RetriableException && System.nanoTime() - deadline < 0) {
          waiting.add(this);
          thread.schedule(this::send, RETRY_MILLIS, TimeUnit.MILLISECONDS);
          return;
        } else {
          fail("message to " + message.to() + " not sent: " + reason(message, refusal), refusal);
        }
      }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the callback learns of it
    private @Nullable KafkaException hand(Message message) {
      Sending sending = new Sending(this, message);
      try {
        producer().send(record(message), sending);
        return sending.returned();
      } catch (KafkaException e) {
        discardProducer();
        return Trouble.mayPass(e) ? new TimeoutException(Trouble.sentence(e), e) : e;
      } catch (RuntimeException e) {
        // A producer says "previous request failed with errors" in this way, and says it for ever.
        discardProducer();
        return new KafkaException(e);
      }
    }

    private ProducerRecord<byte[], byte[]> record(Message message) {
      return new ProducerRecord<>(
          Destination.parse(message.to()).target(),
          null,
          message.key(),
          message.data(),
          RecordHeaders.toKafka(message.headers()));
    }

    void confirmed() {
      if (unconfirmed.decrementAndGet() == 0 && ended.compareAndSet(false, true)) {
        unconfirmedBytes.addAndGet(-bytes);
        result.complete(null);
      }
    }

    void fail(String sentence, @Nullable Throwable cause) {
      if (ended.compareAndSet(false, true)) {
        unconfirmedBytes.addAndGet(-bytes);
        result.completeExceptionally(new IOException(sentence, cause));
      }
    }

    private String reason(Message message, Exception failure) {
      if (failure instanceof RecordTooLargeException) {
        return "its "
            + message.size()
            + " bytes exceed what the producer (max.request.size) or the topic (max.message.bytes)"
            + " takes";
      }
      if (failure instanceof TimeoutException) {
        return (failure.getCause() instanceof UnknownTopicOrPartitionException
                ? "the topic does not exist"
                : "the broker did not answer in time")
            + " ("
            + failure.getMessage()
            + ")";
      }
      return failure instanceof KafkaException kafka ? Trouble.sentence(kafka) : failure.toString();
    }
  }

  /**
   * Learns what became of one message. What the producer refuses at once it says within {@code
   * send}, on the publisher's own thread; everything else comes later, on the producer's.
   */
  private static final class Sending implements Callback {
    private final Batch batch;
    private final Message message;
    private final Thread sender = Thread.currentThread();
    private boolean within = true;
    private @Nullable KafkaException refusal;

    Sending(Batch batch, Message message) {
      this.batch = batch;
      this.message = message;
    }

    /** The refusal, if there was one, once {@code send} has returned. */
    @Nullable KafkaException returned() {
      within = false;
      return refusal;
    }

    @Override
    public void onCompletion(@Nullable RecordMetadata metadata, @Nullable Exception failure) {
      if (failure == null) {
        batch.confirmed();
      } else if (Thread.currentThread() == sender && within) {
        refusal = failure instanceof KafkaException kafka ? kafka : new KafkaException(failure);
      } else {
        batch.fail(
            "message to " + message.to() + " not confirmed: " + batch.reason(message, failure),
            failure);
      }
    }
  }
}
