package dev.millrace.triggers.redis;

import dev.millrace.triggers.PublishException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.Connection;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.exceptions.JedisRedirectionException;

/**
 * Sends commands, many at a time, and completes each request when the server has answered all of
 * its commands.
 *
 * <p>Callers never wait: what is not sent yet waits in a queue of {@link #MAX_COMMANDS} commands
 * and {@link #MAX_BYTES}; beyond that a request fails at once. While the server is away, requests
 * wait for up to {@link #PATIENCE} and then fail. When the link breaks after a request was sent, it
 * fails at once, because nobody knows whether the server has done it.
 *
 * <p>One daemon thread owns the {@link SenderLinks links}, started with the first request.
 */
final class CommandSender implements AutoCloseable {

  static final int MAX_COMMANDS = 10_000;
  static final long MAX_BYTES = 32L << 20;
  static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final int BATCH_COMMANDS = 512;
  private static final long BATCH_BYTES = 1L << 20;

  private static final Logger LOG = LoggerFactory.getLogger(CommandSender.class);

  private final String name;
  private final RedisConnection address;
  private final LinkTimings timings;
  private final Duration patience;
  private final SenderLinks links;
  private final Consumer<Throwable> onDeath;
  private final Thread thread;

  /** Guards everything below down to the fields of the thread. */
  private final Object lock = new Object();

  private final Deque<Request> waiting = new ArrayDeque<>();
  private int waitingCommands;
  private long waitingBytes;
  private boolean started;
  private boolean closed;

  /** Confined to the sender's thread. */
  private int failures;

  /** One caller's commands, which are sent together. */
  private static final class Request {
    final List<RedisCommand> commands;
    final long bytes;
    final long deadline;
    final CompletableFuture<Void> answered = new CompletableFuture<>();

    /** What the server said, for one who asked; set before the request is answered. */
    @Nullable Object answer;

    Request(List<RedisCommand> commands, long deadline) {
      this.commands = commands;
      this.bytes = commands.stream().mapToLong(RedisCommand::bytes).sum();
      this.deadline = deadline;
    }
  }

  /**
   * A sender.
   *
   * @param name the connection's name, for the thread and for messages
   * @param onConnect called on the sender's thread with each new connection, before anything else
   *     is sent over it
   * @param onDeath called on the sender's thread when it ends by a bug; nothing is sent after that
   */
  CommandSender(
      String name,
      RedisConnection address,
      LinkTimings timings,
      Consumer<Connection> onConnect,
      Consumer<Throwable> onDeath) {
    this(name, address, timings, PATIENCE, onConnect, onDeath);
  }

  CommandSender(
      String name,
      RedisConnection address,
      LinkTimings timings,
      Duration patience,
      Consumer<Connection> onConnect,
      Consumer<Throwable> onDeath) {
    this.name = name;
    this.address = address;
    this.timings = timings;
    this.patience = patience;
    this.links = new SenderLinks(address, timings, onConnect);
    this.onDeath = onDeath;
    this.thread = new Thread(this::run, "redis-" + name);
    thread.setDaemon(true);
  }

  /** Sends commands in their order. Does not block. */
  CompletionStage<Void> send(List<RedisCommand> commands) {
    if (commands.isEmpty()) {
      return CompletableFuture.completedStage(null);
    }
    return enqueue(new Request(commands, System.nanoTime() + patience.toNanos()));
  }

  /** Sends one command; completes with what the server answers, {@code null} included. */
  CompletionStage<@Nullable Object> ask(RedisCommand command) {
    Request request = new Request(List.of(command), System.nanoTime() + patience.toNanos());
    return enqueue(request).thenApply(answered -> request.answer);
  }

  private CompletionStage<Void> enqueue(Request request) {
    List<RedisCommand> commands = request.commands;
    synchronized (lock) {
      if (closed) {
        return failed("it is closed");
      }
      boolean fits =
          waitingCommands + commands.size() <= MAX_COMMANDS
              && waitingBytes + request.bytes <= MAX_BYTES;
      if (!fits && !waiting.isEmpty()) {
        return failed(waitingCommands + " commands wait already; the server is too slow or away");
      }
      waiting.addLast(request);
      waitingCommands += commands.size();
      waitingBytes += request.bytes;
      if (!started) {
        started = true;
        thread.start();
      }
      lock.notifyAll();
    }
    return request.answered.minimalCompletionStage();
  }

  private CompletionStage<Void> failed(String why) {
    return CompletableFuture.failedStage(notSent(why));
  }

  private PublishException notSent(String why) {
    return PublishException.transientFailure(
        "connection '" + name + "': not sent to Redis " + address.address() + ": " + why,
        new IOException(why));
  }

  private void run() {
    List<Request> batch = List.of();
    try {
      for (batch = takeBatch(); !batch.isEmpty(); batch = takeBatch()) {
        List<CommandLink> ready = connect(batch);
        if (!ready.isEmpty()) {
          transmit(batch, ready);
        }
      }
    } catch (Throwable e) {
      LOG.atError().addKeyValue("connection", name).setCause(e).log("the Redis sender died");
      synchronized (lock) {
        closed = true;
      }
      // nobody knows whether they were sent; those that are answered already stay so
      PublishException unknown =
          PublishException.transientFailure("connection '" + name + "': the sender died: " + e, e);
      batch.forEach(request -> request.answered.completeExceptionally(unknown));
      onDeath.accept(e);
    } finally {
      links.forget();
      failWaiting();
    }
  }

  /** Waits for requests; empty when closed. */
  private List<Request> takeBatch() throws InterruptedException {
    List<Request> batch = new ArrayList<>();
    synchronized (lock) {
      while (waiting.isEmpty() && !closed) {
        lock.wait();
      }
      int commands = 0;
      long bytes = 0;
      while (!closed && !waiting.isEmpty() && commands < BATCH_COMMANDS && bytes < BATCH_BYTES) {
        Request request = waiting.removeFirst();
        batch.add(request);
        commands += request.commands.size();
        bytes += request.bytes;
      }
      waitingCommands -= commands;
      waitingBytes -= bytes;
    }
    return batch;
  }

  /**
   * A link for each command of the batch, which has just proved to work; none if the batch has gone
   * back to wait or has failed.
   */
  private List<CommandLink> connect(List<Request> batch) throws InterruptedException {
    try {
      List<CommandLink> ready = new ArrayList<>();
      for (Request request : batch) {
        request.commands.forEach(command -> ready.add(links.ready(command.key())));
      }
      if (failures > 0) {
        LOG.atInfo().addKeyValue("connection", name).log("reached Redis again");
      }
      failures = 0;
      return ready;
    } catch (JedisException e) {
      links.forget();
      failures++;
      putBack(batch, LinkFailure.of(address, e));
      return List.of();
    }
  }

  /** Waits for the next try; requests that have waited too long fail. */
  private void putBack(List<Request> batch, LinkFailure failure) throws InterruptedException {
    if (failures == 1) {
      LOG.atWarn()
          .addKeyValue("connection", name)
          .addKeyValue("reason", failure.reason())
          .log("Redis is not there; what is to be sent waits, and fails after {}", patience);
    }
    Duration pause = timings.retryAfter(failures, failure.refused(), ThreadLocalRandom.current());
    List<Request> expired = new ArrayList<>();
    synchronized (lock) {
      for (Request request : batch.reversed()) {
        waiting.addFirst(request);
        waitingCommands += request.commands.size();
        waitingBytes += request.bytes;
      }
      if (failure.refused()) {
        expired.addAll(takeExpired(Long.MAX_VALUE));
      }
      long until = System.nanoTime() + pause.toNanos();
      while (!closed && expired.isEmpty()) {
        long now = System.nanoTime();
        expired.addAll(takeExpired(now));
        if (until - now <= 0) {
          break;
        }
        lock.wait(Math.max(1, Math.min(until - now, Duration.ofMillis(200).toNanos()) / 1_000_000));
      }
    }
    for (Request request : expired) {
      request.answered.completeExceptionally(notSent(failure.reason()));
    }
  }

  private List<Request> takeExpired(long now) {
    List<Request> expired = new ArrayList<>();
    while (!waiting.isEmpty()
        && (now == Long.MAX_VALUE || waiting.getFirst().deadline - now <= 0)) {
      Request request = waiting.removeFirst();
      waitingCommands -= request.commands.size();
      waitingBytes -= request.bytes;
      expired.add(request);
    }
    return expired;
  }

  private void transmit(List<Request> batch, List<CommandLink> ready) {
    // each link's commands, by their number in the batch, in the order in which they are sent
    Map<CommandLink, List<Integer>> sent = new LinkedHashMap<>();
    List<Object> answers = new ArrayList<>();
    try {
      for (Request request : batch) {
        for (RedisCommand command : request.commands) {
          CommandLink link = ready.get(answers.size());
          sent.computeIfAbsent(link, l -> new ArrayList<>()).add(answers.size());
          link.sendCommand(command.arguments());
          answers.add("not answered");
        }
      }
      sent.forEach(
          (link, numbers) -> {
            List<Object> some = link.getMany(numbers.size());
            for (int i = 0; i < some.size(); i++) {
              answers.set(numbers.get(i), some.get(i));
            }
          });
    } catch (JedisException e) {
      links.forget();
      String reason = LinkFailure.of(address, e).reason();
      PublishException unconfirmed =
          PublishException.transientFailure(
              "connection '" + name + "': sent, but not confirmed: " + reason, e);
      batch.forEach(request -> request.answered.completeExceptionally(unconfirmed));
      return;
    }
    sent.keySet().forEach(CommandLink::used);
    int next = 0;
    boolean moved = false;
    for (Request request : batch) {
      int end = next + request.commands.size();
      List<Object> own = answers.subList(next, end);
      moved |= own.stream().anyMatch(CommandSender::tellsOfAnotherServer);
      complete(request, own);
      next = end;
    }
    if (moved) {
      links.forget();
    }
  }

  /** After a failover or a move of slots, the server that we know is no longer the right one. */
  private static boolean tellsOfAnotherServer(Object answer) {
    return answer instanceof JedisRedirectionException
        || (answer instanceof JedisException refusal
            && String.valueOf(refusal.getMessage()).matches("(?s)(READONLY|CLUSTERDOWN).*"));
  }

  private void complete(Request request, List<Object> answers) {
    for (Object answer : answers) {
      if (answer instanceof JedisException refusal) {
        request.answered.completeExceptionally(refused(refusal));
        return;
      }
    }
    request.answer = answers.getFirst();
    request.answered.complete(null);
  }

  /** Most refusals are about the server's state; those about the command itself will not change. */
  private PublishException refused(JedisException refusal) {
    String answer = String.valueOf(refusal.getMessage());
    String message =
        "connection '" + name + "': Redis " + address.address() + " refuses it: " + answer;
    boolean forGood =
        answer.startsWith("WRONGTYPE")
            || answer.startsWith("NOPERM")
            || answer.startsWith("ERR unknown command");
    return forGood
        ? PublishException.permanent(message, refusal)
        : PublishException.transientFailure(message, refusal);
  }

  private void failWaiting() {
    List<Request> left;
    synchronized (lock) {
      left = takeExpired(Long.MAX_VALUE);
    }
    for (Request request : left) {
      request.answered.completeExceptionally(notSent("it is closed"));
    }
  }

  /** Ends the thread; what is not answered by then fails. Blocks for a moment. */
  @Override
  public void close() {
    boolean running;
    synchronized (lock) {
      closed = true;
      running = started;
      lock.notifyAll();
    }
    links.cut();
    if (running && Thread.currentThread() != thread) {
      try {
        thread.join(timings.connect().multipliedBy(3));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
