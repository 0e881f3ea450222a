package dev.millrace.worker.dev;

import dev.millrace.abi.Message;
import dev.millrace.triggers.Publisher;
import dev.millrace.worker.manifest.FeedSpec;
import dev.millrace.worker.manifest.Payload;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Sends the generated events of a manifest, on one platform thread named {@code feed}. */
public final class Feeder implements AutoCloseable {

  private final Publisher publisher;
  private final Consumer<String> trouble;
  private final ScheduledThreadPoolExecutor thread =
      new ScheduledThreadPoolExecutor(
          1, task -> Thread.ofPlatform().name("feed").daemon().unstarted(task));

  private volatile boolean closed;

  /**
   * @param publisher sends to any connection of the manifest
   * @param trouble takes a sentence for each message that was not confirmed
   */
  public Feeder(Publisher publisher, Consumer<String> trouble) {
    this.publisher = publisher;
    this.trouble = trouble;
  }

  /** Begins to send. */
  @SuppressWarnings("FutureReturnValueIgnored") // a feed ends when the thread does
  public void start(List<FeedSpec> feeds) {
    for (FeedSpec feed : feeds) {
      Sender sender = new Sender(feed);
      long nanos = feed.every().toNanos();
      thread.scheduleAtFixedRate(sender, 0, nanos, TimeUnit.NANOSECONDS);
    }
  }

  @Override
  public void close() {
    closed = true;
    thread.shutdownNow();
  }

  private final class Sender implements Runnable {

    private final FeedSpec feed;
    private int next;

    Sender(FeedSpec feed) {
      this.feed = feed;
    }

    @Override
    public void run() {
      Payload payload = feed.data().get(next);
      next = (next + 1) % feed.data().size();
      try {
        publisher
            .publish(
                List.of(new Message(feed.to().toString(), key(), feed.headers(), payload.bytes())))
            .whenComplete((ok, error) -> report(error));
      } catch (RuntimeException e) {
        report(e);
      }
    }

    private byte @Nullable [] key() {
      return feed.key().map(key -> key.getBytes(StandardCharsets.UTF_8)).orElse(null);
    }

    private void report(@Nullable Throwable error) {
      if (error != null && !closed) {
        Throwable cause = error.getCause() == null ? error : error.getCause();
        trouble.accept(
            "a generated event for " + feed.to() + " was not sent: " + cause.getMessage());
      }
    }
  }
}
