package dev.millrace.triggers.cron;

import dev.millrace.triggers.TriggerContext;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One trigger's way to the fire ledger: brings answers back into the mailbox, backs off while the
 * ledger fails, and reports when it goes and when it comes back. Confined to the mailbox.
 */
final class LedgerLink {

  private static final Logger log = LoggerFactory.getLogger(LedgerLink.class);

  private final TriggerContext context;
  private final Executor mailbox;
  private final Backoff backoff = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(30));
  private boolean connected;
  private @Nullable String trouble;

  /**
   * @param mailbox where answers are handled
   */
  LedgerLink(TriggerContext context, Executor mailbox) {
    this.context = context;
    this.mailbox = mailbox;
  }

  /** Whether the ledger may be asked now. */
  boolean ready(Instant now) {
    return backoff.over(now);
  }

  /** When the ledger may be asked again after a failure. */
  Optional<Instant> retryAt() {
    return backoff.until();
  }

  /** Why the ledger did not answer, while it does not. */
  Optional<String> trouble() {
    return Optional.ofNullable(trouble);
  }

  /** Asks without blocking; exactly one of the two is called, later, in the mailbox. */
  <T> void ask(Supplier<CompletionStage<T>> question, Consumer<T> answered, Runnable failed) {
    CompletionStage<T> stage;
    try {
      stage = question.get();
    } catch (RuntimeException e) {
      stage = CompletableFuture.failedStage(e);
    }
    stage.whenComplete(
        (answer, failure) ->
            mailbox.execute(
                () -> {
                  if (failure == null) {
                    succeeded();
                    answered.accept(answer);
                  } else {
                    failed(failure);
                    failed.run();
                  }
                }));
  }

  /** Asks and waits; empty when the ledger failed, which is then reported already. */
  <T> Optional<T> read(Supplier<T> question) {
    try {
      T answer = question.get();
      succeeded();
      return Optional.of(answer);
    } catch (RuntimeException e) {
      failed(e);
      return Optional.empty();
    }
  }

  private void succeeded() {
    backoff.succeeded();
    trouble = null;
    if (!connected) {
      connected = true;
      context.signals().connected("fire ledger");
    }
  }

  private void failed(Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    Instant now = context.clock().instant();
    if (trouble != null && !backoff.over(now)) {
      return; // one of several questions that failed together
    }
    Duration delay = backoff.failed(now);
    boolean news = trouble == null;
    trouble = cause.getMessage() == null ? cause.toString() : cause.getMessage();
    log.atWarn()
        .setMessage("fire ledger does not answer; holding the grid times")
        .addKeyValue("trigger", context.name())
        .addKeyValue("reason", trouble)
        .addKeyValue("retryInSeconds", delay.toSeconds())
        .log();
    if (news) {
      connected = false;
      context.signals().disconnected("fire ledger: " + trouble);
    }
  }
}
