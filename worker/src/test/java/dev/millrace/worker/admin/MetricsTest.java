package dev.millrace.worker.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.abi.Message;
import dev.millrace.triggers.FailureKind;
import dev.millrace.triggers.Publisher;
import dev.millrace.triggers.Settlement;
import dev.millrace.triggers.TriggerSignals;
import dev.millrace.triggers.TriggerStatus;
import dev.millrace.worker.dispatch.Conservation;
import dev.millrace.worker.dispatch.Dispatcher;
import dev.millrace.worker.dispatch.Outcome;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MetricsTest {

  private final Metrics metrics = new Metrics("orders", "1.2.3");

  @AfterEach
  void close() {
    metrics.close();
  }

  @Test
  void showsEachTriggersLedgerQueuesAndState() {
    metrics.watchTrigger(ObservedWorker.trigger("orders", "charge"));

    Scrape scrape = Scrape.of(metrics);

    assertEquals(10, scrape.value("millrace_events_received_total{trigger=\"orders\"}"));
    assertEquals(5, scrape.value("millrace_events_succeeded_total{trigger=\"orders\"}"));
    assertEquals(2, scrape.value("millrace_events_dead_lettered_total{trigger=\"orders\"}"));
    assertEquals(
        1, scrape.value("millrace_events_dropped_total{reason=\"overflow\",trigger=\"orders\"}"));
    assertEquals(1, scrape.value("millrace_events_released_total{trigger=\"orders\"}"));
    assertEquals(1, scrape.value("millrace_events_pending{trigger=\"orders\"}"));
    assertEquals(
        10,
        scrape.value(
            "messaging_client_consumed_messages_total{messaging_system=\"kafka\",trigger=\"orders\"}"));
    assertEquals(99, scrape.value("millrace_lag{trigger=\"orders\"}"));
    assertEquals(3, scrape.value("millrace_retries_waiting{trigger=\"orders\"}"));
    assertEquals(2, scrape.value("millrace_keys_parked{trigger=\"orders\"}"));
    assertEquals(4, scrape.value("millrace_retries_parked{trigger=\"orders\"}"));
    assertEquals(1, scrape.value("millrace_intake_holding{trigger=\"orders\"}"));
    assertEquals(1, scrape.value("millrace_trigger_state{state=\"running\",trigger=\"orders\"}"));
    assertEquals(0, scrape.value("millrace_trigger_state{state=\"failed\",trigger=\"orders\"}"));
  }

  @Test
  void leavesOutTheLagOfASourceThatCannotTell() {
    metrics.watchTrigger(
        new TriggerGauges(
            "nightly",
            "charge",
            "cron",
            () -> new Conservation(0, 0, 0, Map.of(), 0, 0),
            () -> new Dispatcher.Queues(0, 0, false, false),
            () -> 0,
            () -> 0,
            () -> TriggerStatus.of(TriggerStatus.State.PAUSED, "", Instant.EPOCH)));

    assertFalse(Scrape.of(metrics).has("millrace_lag{trigger=\"nightly\"}"));
  }

  @Test
  void tellsTheQueueOfAFunctionOnceForAllItsTriggers() {
    metrics.watchTrigger(ObservedWorker.trigger("orders", "charge"));
    metrics.watchTrigger(ObservedWorker.trigger("refunds", "charge"));

    assertEquals(7, Scrape.of(metrics).value("millrace_queue_depth{function=\"charge\"}"));
    assertThrows(
        IllegalArgumentException.class,
        () -> metrics.watchTrigger(ObservedWorker.trigger("orders", "charge")));
  }

  @Test
  void givesEachOfThousandsOfTriggersAndFunctionsItsOwnSeries() {
    int many = 2_500;
    for (int i = 0; i < many; i++) {
      metrics.watchTrigger(ObservedWorker.trigger("t" + i, "f" + i));
      metrics.watchFunction("f" + i, () -> new FunctionGauges(1, 2, 3, 4));
      metrics.deadLettered(ObservedWorker.deadLetter("t" + i, "f" + i, FailureKind.REJECTED));
      metrics.coldStarted("f" + i, Duration.ofMillis(1));
      ObservedWorker.attempt(metrics, "t" + i, "f" + i, ObservedWorker.succeeded());
    }

    Scrape scrape = Scrape.of(metrics);

    for (int i = 0; i < many; i++) {
      String trigger = "{trigger=\"t" + i + "\"}";
      String function = "{function=\"f" + i + "\"}";
      assertEquals(10, scrape.value("millrace_events_received_total" + trigger));
      assertEquals(1, scrape.value("millrace_events_pending" + trigger));
      assertEquals(
          1, scrape.value("millrace_trigger_state{state=\"running\",trigger=\"t" + i + "\"}"));
      assertEquals(7, scrape.value("millrace_queue_depth" + function));
      assertEquals(1, scrape.value("millrace_slots" + function));
      assertEquals(1, scrape.value("faas_coldstarts_total" + function));
      assertEquals(1, scrape.value("faas_init_duration_seconds_count" + function));
      assertEquals(1, scrape.value("faas_invocations_total" + function));
      assertEquals(
          1,
          scrape.value(
              "millrace_dead_letters_total{function=\"f%d\",reason=\"rejected\",trigger=\"t%d\"}"
                  .formatted(i, i)));
    }
    assertFalse(scrape.samples().keySet().stream().anyMatch(each -> each.contains("overflow=")));
  }

  @Test
  void readsALedgerInOneGo() {
    AtomicLong events = new AtomicLong();
    metrics.watchTrigger(
        new TriggerGauges(
            "orders",
            "charge",
            "kafka",
            () -> {
              long received = events.addAndGet(10);
              return new Conservation(received, received - 3, 1, Map.of("overflow", 1L), 0, 1);
            },
            () -> new Dispatcher.Queues(0, 0, false, false),
            () -> 0,
            () -> 0,
            () -> TriggerStatus.of(TriggerStatus.State.RUNNING, "", Instant.EPOCH)));

    for (int i = 0; i < 10; i++) {
      Scrape scrape = Scrape.of(metrics);
      assertEquals(
          scrape.value("millrace_events_received_total{trigger=\"orders\"}"),
          scrape.value("millrace_events_succeeded_total{trigger=\"orders\"}")
              + scrape.value("millrace_events_dead_lettered_total{trigger=\"orders\"}")
              + scrape.value(
                  "millrace_events_dropped_total{reason=\"overflow\",trigger=\"orders\"}")
              + scrape.value("millrace_events_released_total{trigger=\"orders\"}")
              + scrape.value("millrace_events_pending{trigger=\"orders\"}"));
    }
  }

  @Test
  void countsAndTimesAttemptsByTriggerAndFunction() {
    ObservedWorker.attempt(metrics, "orders", "charge", ObservedWorker.succeeded());
    ObservedWorker.attempt(metrics, "refunds", "charge", ObservedWorker.succeeded());
    ObservedWorker.attempt(
        metrics, "orders", "charge", Outcome.Failed.of(FailureKind.TIMEOUT, "too slow"));
    ObservedWorker.attempt(
        metrics, "orders", "charge", Outcome.Failed.of(FailureKind.REJECTED, "no"));

    Scrape scrape = Scrape.of(metrics);

    assertEquals(4, scrape.value("faas_invocations_total{function=\"charge\"}"));
    assertEquals(1, scrape.value("faas_timeouts_total{function=\"charge\"}"));
    assertEquals(1, scrape.value("faas_errors_total{function=\"charge\",reason=\"timeout\"}"));
    assertEquals(1, scrape.value("faas_errors_total{function=\"charge\",reason=\"rejected\"}"));
    assertEquals(4, scrape.value("faas_invoke_duration_seconds_count{function=\"charge\"}"));
    String timed = "function=\"charge\",outcome=\"timeout\",trigger=\"orders\"";
    assertEquals(1, scrape.value("messaging_process_duration_seconds_count{" + timed + "}"));
    assertEquals(
        0, scrape.value("messaging_process_duration_seconds_bucket{" + timed + ",le=\"0.001\"}"));
    assertEquals(
        1, scrape.value("messaging_process_duration_seconds_bucket{" + timed + ",le=\"0.0025\"}"));
  }

  @Test
  void countsRetriesHoldsDeadLettersAndSettlements() {
    metrics.retryScheduled(
        "orders",
        ObservedWorker.EVENT,
        1,
        Duration.ofMillis(200),
        Outcome.Failed.of(FailureKind.TRAP, "unreachable"));
    metrics.deadLetterHeld(
        ObservedWorker.deadLetter("orders", "charge", FailureKind.TRAP),
        new IllegalStateException("down"),
        Duration.ofSeconds(5));
    metrics.publishHeld(
        "orders", ObservedWorker.EVENT, new IllegalStateException("down"), Duration.ofSeconds(5));
    metrics.deadLettered(ObservedWorker.deadLetter("orders", "charge", FailureKind.TRAP));
    metrics.settled(
        "orders", ObservedWorker.EVENT, Settlement.DEAD_LETTERED, Duration.ofMillis(40));

    Scrape scrape = Scrape.of(metrics);

    assertEquals(1, scrape.value("millrace_retries_total{reason=\"trap\",trigger=\"orders\"}"));
    assertEquals(1, scrape.value("millrace_held_total{reason=\"dead_letter\",trigger=\"orders\"}"));
    assertEquals(1, scrape.value("millrace_held_total{reason=\"publish\",trigger=\"orders\"}"));
    assertEquals(
        1,
        scrape.value(
            "millrace_dead_letters_total{function=\"charge\",reason=\"trap\",trigger=\"orders\"}"));
    assertEquals(
        0.04,
        scrape.value(
            "millrace_event_duration_seconds_sum{settlement=\"dead_lettered\",trigger=\"orders\"}"),
        1e-9);
  }

  @Test
  void countsPublishedMessagesByWhetherTheyWereConfirmed() {
    CompletableFuture<Void> first = new CompletableFuture<>();
    CompletableFuture<Void> second = new CompletableFuture<>();
    List<CompletionStage<Void>> answers = new ArrayList<>(List.of(first, second));
    boolean[] closed = new boolean[1];
    Publisher publisher =
        metrics.counting(
            "events",
            new Publisher() {
              @Override
              public CompletionStage<Void> publish(List<Message> messages) {
                return answers.remove(0);
              }

              @Override
              public void close() {
                closed[0] = true;
              }
            });
    Message message = Message.of("events/out", new byte[0]);

    publisher.publish(List.of(message, message));
    CompletionStage<Void> refused = publisher.publish(List.of(message));
    first.complete(null);
    second.completeExceptionally(new IllegalStateException("down"));
    publisher.close();

    Scrape scrape = Scrape.of(metrics);
    String sent = "messaging_client_sent_messages_total{connection=\"events\",outcome=\"";
    assertEquals(2, scrape.value(sent + "confirmed\"}"));
    assertEquals(1, scrape.value(sent + "failed\"}"));
    assertTrue(refused.toCompletableFuture().isCompletedExceptionally());
    assertTrue(closed[0]);
  }

  @Test
  void countsSignalsAndPassesThemOn() {
    List<String> heard = new ArrayList<>();
    TriggerSignals signals = metrics.counting("cache", new RecordingSignals(heard));
    assertEquals(0, Scrape.of(metrics).value("millrace_trigger_gaps_total{trigger=\"cache\"}"));

    signals.connected("localhost");
    signals.disconnected("reset");
    signals.gap(Instant.EPOCH, Instant.EPOCH.plusSeconds(1), "reconnected");
    signals.dropped(3, "overflow");
    signals.dataLoss("group gone");
    signals.failed("bug", new IllegalStateException());

    Scrape scrape = Scrape.of(metrics);
    assertEquals(1, scrape.value("millrace_trigger_disconnects_total{trigger=\"cache\"}"));
    assertEquals(1, scrape.value("millrace_trigger_gaps_total{trigger=\"cache\"}"));
    assertEquals(1, scrape.value("millrace_trigger_data_losses_total{trigger=\"cache\"}"));
    assertEquals(
        List.of("connected", "disconnected", "gap", "dropped 3", "dataLoss", "failed"), heard);
  }

  @Test
  void showsSandboxesAndTheStore() {
    metrics.watchFunction("charge", () -> new FunctionGauges(4, 1 << 20, 100, 250_000_000));
    metrics.coldStarted("charge", Duration.ofMillis(15));
    metrics.watchStore(() -> new StoreGauges(1, 2, 30, 4, 4096));

    Scrape scrape = Scrape.of(metrics);

    assertEquals(4, scrape.value("millrace_slots{function=\"charge\"}"));
    assertEquals(1 << 20, scrape.value("faas_mem_usage_bytes{function=\"charge\"}"));
    assertEquals(100, scrape.value("millrace_resets_total{function=\"charge\"}"));
    assertEquals(0.25, scrape.value("millrace_reset_duration_seconds_total{function=\"charge\"}"));
    assertEquals(1, scrape.value("faas_coldstarts_total{function=\"charge\"}"));
    assertEquals(0.015, scrape.value("faas_init_duration_seconds_sum{function=\"charge\"}"), 1e-9);
    assertEquals(1, scrape.value("millrace_store_queued"));
    assertEquals(2, scrape.value("millrace_store_commits_total"));
    assertEquals(30, scrape.value("millrace_store_writes_total"));
    assertEquals(4, scrape.value("millrace_store_failed_writes_total"));
    assertEquals(4096, scrape.value("millrace_store_size_bytes"));
  }

  @Test
  void showsTheProcessAndWhatItIs() {
    Scrape scrape = Scrape.of(metrics);

    assertTrue(scrape.value("jvm_memory_used_bytes{jvm_memory_type=\"heap\"}") > 0);
    assertTrue(scrape.value("jvm_cpu_time_seconds_total") > 0);
    assertTrue(scrape.value("jvm_thread_count") > 0);
    assertTrue(
        new String(metrics.scrape(), StandardCharsets.UTF_8)
            .contains("target_info{service_name=\"orders\",service_version=\"1.2.3\"} 1"));
  }

  @Test
  void losesNoCountWhileItIsScraped() throws Exception {
    int threads = 4;
    int each = 5_000;
    List<Future<?>> running = new ArrayList<>();
    try (ExecutorService executor = Executors.newFixedThreadPool(threads + 2)) {
      for (int t = 0; t < threads; t++) {
        running.add(
            executor.submit(
                () -> {
                  for (int i = 0; i < each; i++) {
                    ObservedWorker.attempt(metrics, "orders", "charge", ObservedWorker.succeeded());
                    metrics.settled(
                        "orders", ObservedWorker.EVENT, Settlement.DONE, Duration.ofMillis(1));
                  }
                }));
      }
      for (int t = 0; t < 2; t++) {
        running.add(
            executor.submit(
                () -> {
                  for (int i = 0; i < 50; i++) {
                    Scrape.of(metrics);
                  }
                }));
      }
      for (Future<?> future : running) {
        future.get(60, TimeUnit.SECONDS);
      }
    }

    Scrape scrape = Scrape.of(metrics);
    assertEquals(threads * each, scrape.value("faas_invocations_total{function=\"charge\"}"));
    assertEquals(
        threads * each, scrape.value("faas_invoke_duration_seconds_count{function=\"charge\"}"));
    assertEquals(
        threads * each,
        scrape.value(
            "millrace_event_duration_seconds_count{settlement=\"done\",trigger=\"orders\"}"));
  }

  private record RecordingSignals(List<String> heard) implements TriggerSignals {

    @Override
    public void connected(String detail) {
      heard.add("connected");
    }

    @Override
    public void disconnected(String reason) {
      heard.add("disconnected");
    }

    @Override
    public void gap(Instant from, Instant to, String reason) {
      heard.add("gap");
    }

    @Override
    public void dropped(long count, String reason) {
      heard.add("dropped " + count);
    }

    @Override
    public void dataLoss(String detail) {
      heard.add("dataLoss");
    }

    @Override
    public void failed(String reason, Throwable cause) {
      heard.add("failed");
    }
  }
}
