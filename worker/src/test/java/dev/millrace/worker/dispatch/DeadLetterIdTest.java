package dev.millrace.worker.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.abi.Event;
import dev.millrace.abi.Message;
import dev.millrace.triggers.DeadLetter;
import dev.millrace.triggers.DeadLetterSink;
import dev.millrace.triggers.FailureKind;
import dev.millrace.triggers.Intake;
import dev.millrace.triggers.Publisher;
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

/** A producer that gives all its events one id must not make one dead letter hide another. */
class DeadLetterIdTest {

  private final List<String> stored = new ArrayList<>();

  @Test
  void tellsEventsOfOneIdApartByTheirReceipt() {
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
    Intake intake =
        dispatcher.intake(
            new TriggerPolicy(
                "orders",
                new Rejecting(),
                Bounds.DEFAULT,
                RetryPolicy.DEFAULT,
                Optional.empty(),
                new Silent(),
                Keeping.deadLetters(new Sink())));

    intake.offer(event(Map.of(Event.RECEIPT, "kafka:orders/0/1")), null, (e, s) -> {});
    intake.offer(event(Map.of(Event.RECEIPT, "kafka:orders/0/2")), null, (e, s) -> {});
    intake.offer(event(Map.of()), null, (e, s) -> {});

    assertEquals(
        List.of("orders/kafka:orders/0/1", "orders/kafka:orders/0/2", "orders/same"), stored);
  }

  private static DetachedEvent event(Map<String, String> extensions) {
    return DetachedEvent.of("same", "shop", "order", Instant.EPOCH, "x").withExtensions(extensions);
  }

  private static final class Rejecting implements Function {
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
      return new Invocation.Result(
          Outcome.Failed.of(FailureKind.REJECTED, "never"), "v", Duration.ZERO, "");
    }
  }

  private static final class Silent implements Publisher {
    @Override
    public CompletionStage<Void> publish(List<Message> messages) {
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public void close() {}
  }

  private final class Sink implements DeadLetterSink {
    @Override
    public CompletionStage<Void> store(DeadLetter letter) {
      stored.add(letter.id());
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public String description() {
      return "list";
    }

    @Override
    public void close() {}
  }
}
