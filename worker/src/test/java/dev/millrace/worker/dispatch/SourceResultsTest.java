package dev.millrace.worker.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.abi.Event;
import dev.millrace.abi.Message;
import dev.millrace.triggers.DeadLetter;
import dev.millrace.triggers.DeadLetterSink;
import dev.millrace.triggers.FailureKind;
import dev.millrace.triggers.PublishException;
import dev.millrace.triggers.Publisher;
import dev.millrace.triggers.ResultPublisher;
import dev.millrace.triggers.Settlement;
import dev.millrace.triggers.SettlementListener;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** Results and dead letters of a source that makes them one with its acknowledgement. */
class SourceResultsTest {

  private final List<String> happened = new ArrayList<>();

  private void run(Outcome outcome, Source source) {
    ManualTimer timer = new ManualTimer();
    Dispatcher dispatcher =
        new Dispatcher(
            new Surroundings(
                Runnable::run,
                timer,
                timer,
                new Random(1),
                DispatchListener.NONE,
                CrashRecord.NONE,
                OnceKeys.inMemory(),
                1),
            Map.of());
    dispatcher
        .intake(
            new TriggerPolicy(
                "orders",
                new Answering(outcome),
                Bounds.DEFAULT,
                RetryPolicy.DEFAULT,
                Optional.empty(),
                new Connections(),
                Keeping.deadLetters(new Sink())))
        .offer(DetachedEvent.of("e", "shop", "order", Instant.EPOCH, "x"), null, source);
  }

  private static Outcome succeeded() {
    return new Outcome.Succeeded(
        null, List.of(new Message("k/done", null, List.of(), new byte[0])));
  }

  @Test
  void resultsGoToTheSourceBeforeTheSettlementAndToNoConnection() {
    run(succeeded(), new Source(false));

    assertEquals(List.of("source takes k/done", "settled DONE"), happened);
  }

  @Test
  void aDeadLetterGoesToTheSourceToo() {
    run(Outcome.Failed.of(FailureKind.REJECTED, "never"), new Source(false));

    assertEquals(List.of("source takes k/dlq", "settled DEAD_LETTERED"), happened);
  }

  @Test
  void aResultThatTheSourceRefusesMakesADeadLetter() {
    run(succeeded(), new Source(true));

    assertEquals(
        List.of("source refuses k/done", "source takes k/dlq", "settled DEAD_LETTERED"), happened);
  }

  /** A source that may refuse everything but a dead letter. */
  private final class Source implements SettlementListener, ResultPublisher {
    private final boolean refusing;

    Source(boolean refusing) {
      this.refusing = refusing;
    }

    @Override
    public void settled(Event event, Settlement settlement) {
      happened.add("settled " + settlement);
    }

    @Override
    public Optional<ResultPublisher> results() {
      return Optional.of(this);
    }

    @Override
    public boolean takes(String destination) {
      return true;
    }

    @Override
    public CompletionStage<Void> publish(List<Message> messages) {
      String to = messages.getFirst().to();
      boolean refused = refusing && !to.equals("k/dlq");
      happened.add("source " + (refused ? "refuses " : "takes ") + to);
      return refused
          ? CompletableFuture.failedStage(
              PublishException.permanent("too large", new IllegalArgumentException()))
          : CompletableFuture.completedStage(null);
    }
  }

  private record Answering(Outcome outcome) implements Function {
    @Override
    public String name() {
      return "f";
    }

    @Override
    public int concurrency() {
      return 1;
    }

    @Override
    public Invocation.Result invoke(Invocation invocation) {
      return new Invocation.Result(outcome, "v", Duration.ZERO, "");
    }
  }

  private final class Connections implements Publisher {
    @Override
    public CompletionStage<Void> publish(List<Message> messages) {
      happened.add("published to the connections");
      return CompletableFuture.completedStage(null);
    }

    @Override
    public void close() {}
  }

  /** A sink that keeps letters where results go, if it can. */
  private final class Sink implements DeadLetterSink {
    @Override
    public CompletionStage<Void> store(DeadLetter letter) {
      happened.add("stored apart");
      return CompletableFuture.completedStage(null);
    }

    @Override
    public CompletionStage<Void> store(DeadLetter letter, Optional<ResultPublisher> results) {
      return results
          .orElseThrow()
          .publish(List.of(new Message("k/dlq", null, List.of(), new byte[0])));
    }

    @Override
    public String description() {
      return "k/dlq";
    }

    @Override
    public void close() {}
  }
}
