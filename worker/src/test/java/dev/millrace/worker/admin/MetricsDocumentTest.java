package dev.millrace.worker.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.millrace.triggers.FailureKind;
import dev.millrace.triggers.Settlement;
import dev.millrace.worker.dispatch.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** {@code docs/metrics.md} and the code list the same metrics. */
class MetricsDocumentTest {

  private record Row(String prometheus, String kind, String unit, String labels) {}

  @Test
  void describesEveryInstrumentAsItIs() throws IOException {
    Map<String, String> documented = new TreeMap<>();
    rows()
        .forEach((name, row) -> documented.put(name, row.kind + " " + row.unit + " " + row.labels));

    Map<String, String> real =
        Arrays.stream(Instrument.values())
            .collect(
                Collectors.toMap(
                    Instrument::otelName,
                    each ->
                        each.kind().name().toLowerCase(Locale.ROOT)
                            + " "
                            + each.unit()
                            + " "
                            + each.labels(),
                    (one, other) -> one,
                    TreeMap::new));

    assertEquals(lines(real), lines(documented));
  }

  @Test
  void namesThemAsAScrapeDoes() throws IOException {
    TreeSet<String> documented =
        rows().values().stream()
            .map(Row::prometheus)
            .collect(Collectors.toCollection(TreeSet::new));
    documented.add("target_info");

    try (Metrics metrics = new Metrics("orders", "1.2.3")) {
      touchEverything(metrics);
      assertEquals(
          String.join("\n", documented),
          String.join("\n", new TreeSet<>(Scrape.of(metrics).types().keySet())));
    }
  }

  private static void touchEverything(Metrics metrics) {
    metrics.watchTrigger(ObservedWorker.trigger("orders", "charge"));
    metrics.watchFunction("charge", () -> new FunctionGauges(1, 1, 1, 1));
    metrics.watchStore(() -> new StoreGauges(1, 1, 1, 1, 1));
    metrics.coldStarted("charge", Duration.ofMillis(1));
    metrics.counting("orders", new QuietSignals()).disconnected("so that the counters exist");
    metrics
        .counting("events", new ConfirmingPublisher(CompletableFuture.completedFuture(null)))
        .publish(List.of());
    Outcome.Failed failure = Outcome.Failed.of(FailureKind.TIMEOUT, "too slow");
    ObservedWorker.attempt(metrics, "orders", "charge", failure);
    metrics.retryScheduled("orders", ObservedWorker.EVENT, 1, Duration.ZERO, failure);
    metrics.publishHeld("orders", ObservedWorker.EVENT, new IllegalStateException(), Duration.ZERO);
    metrics.deadLettered(ObservedWorker.deadLetter("orders", "charge", FailureKind.TIMEOUT));
    metrics.settled("orders", ObservedWorker.EVENT, Settlement.DONE, Duration.ZERO);
  }

  /** The rows of all tables by OpenTelemetry name. */
  private static Map<String, Row> rows() throws IOException {
    Map<String, Row> rows = new TreeMap<>();
    for (String line : Files.readAllLines(Path.of("../docs/metrics.md"))) {
      if (line.startsWith("| `")) {
        List<String> cells =
            Arrays.stream(line.split("\\|", -1))
                .map(cell -> cell.strip().replace("`", ""))
                .toList();
        rows.put(cells.get(2), new Row(cells.get(1), cells.get(3), cells.get(4), cells.get(5)));
      }
    }
    return rows;
  }

  private static String lines(Map<String, String> map) {
    return map.entrySet().stream().map(Map.Entry::toString).collect(Collectors.joining("\n"));
  }
}
