package dev.millrace.worker.chaos;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A place for one worker at a time, with its manifest and its state, in which it can be killed and
 * started again. What its account says is entered into the history.
 */
final class WorkerNode implements AutoCloseable {

  private static final Pattern ADMIN = Pattern.compile("admin (http://\\S+)/");
  private static final Duration SCRAPE_LIMIT = Duration.ofSeconds(5);
  private static final Duration EXIT_LIMIT = Duration.ofSeconds(60);

  private final String name;
  private final Path directory;
  private final History history;
  private final HttpClient http = HttpClient.newHttpClient();
  private @Nullable WorkerProcess process;
  private long logBegins;

  /**
   * A place without a worker.
   *
   * @param directory where its manifest is
   */
  WorkerNode(String name, Path directory, History history) {
    this.name = name;
    this.directory = directory;
    this.history = history;
  }

  void start() throws IOException {
    noteLog();
    process = WorkerProcess.start(directory);
  }

  /** Starts a worker with another heap than the usual one, as {@code -Xmx} takes it. */
  void startWith(String heap) throws IOException {
    noteLog();
    process = WorkerProcess.startWith(heap, directory);
  }

  private void noteLog() throws IOException {
    Path log = log();
    logBegins = Files.exists(log) ? Files.size(log) : 0;
  }

  boolean isRunning() {
    WorkerProcess started = process;
    return started != null && started.isRunning();
  }

  /** SIGKILL; returns when it is gone. */
  void kill() throws InterruptedException {
    running().kill();
  }

  /** SIGTERM; returns when it is gone. */
  void terminate() throws InterruptedException {
    running().terminate();
    history.add(new History.Exit(name, running().exitCode(EXIT_LIMIT)));
  }

  private WorkerProcess running() {
    WorkerProcess started = process;
    if (started == null) {
      throw new IllegalStateException("worker " + name + " was not started");
    }
    return started;
  }

  /** Enters the account into the history, if the worker is far enough to tell it. */
  Optional<History.Account> look() throws InterruptedException {
    try {
      Matcher admin = ADMIN.matcher(logOfThisStart());
      if (!isRunning() || !admin.find()) {
        return Optional.empty();
      }
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(admin.group(1) + "/metrics"))
              .timeout(SCRAPE_LIMIT)
              .build();
      History.Account account = account(http.send(request, BodyHandlers.ofString()).body());
      history.add(account);
      return Optional.of(account);
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private History.Account account(String metrics) {
    return new History.Account(
        name,
        sum(metrics, "received_total"),
        sum(metrics, "succeeded_total"),
        sum(metrics, "dead_lettered_total"),
        sum(metrics, "dropped_total"),
        sum(metrics, "released_total"),
        sum(metrics, "pending"));
  }

  private static long sum(String metrics, String name) {
    Matcher line =
        Pattern.compile("(?m)^millrace_events_" + name + "(?:\\{[^}]*})? (\\S+)$").matcher(metrics);
    double sum = 0;
    while (line.find()) {
      sum += Double.parseDouble(line.group(1));
    }
    return Math.round(sum);
  }

  private String logOfThisStart() throws IOException {
    byte[] all = Files.readAllBytes(log());
    int from = (int) Math.min(logBegins, all.length);
    return new String(all, from, all.length - from, StandardCharsets.UTF_8);
  }

  /** The end of its log, for an error. */
  String logTail() throws IOException {
    String all = logOfThisStart();
    return all.substring(Math.max(0, all.length() - 4_000));
  }

  private Path log() {
    return directory.resolve("worker.log");
  }

  @Override
  public void close() {
    if (process != null) {
      process.close();
    }
    http.close();
  }
}
