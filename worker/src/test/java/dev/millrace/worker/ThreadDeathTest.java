package dev.millrace.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.millrace.worker.dispatch.SystemTimer;
import dev.millrace.worker.manifest.ManifestReader;
import dev.millrace.worker.manifest.ManifestResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A thread that dies of a bug ends the worker; it is never missing in silence. */
class ThreadDeathTest {

  @TempDir Path directory;

  @AfterEach
  void forgetTheHandler() {
    Thread.setDefaultUncaughtExceptionHandler(null);
  }

  @Test
  void aDeadThreadIsTheFailureOfTheWorker() throws Exception {
    Path module = Path.of("src", "test", "resources", "wasm", "echo.wasm").toAbsolutePath();
    Path file =
        Files.writeString(
            directory.resolve("millrace.yaml"),
            """
            millrace: 1
            admin: { enabled: false }
            functions: { f: { wasm: %s } }
            triggers: { hourly: { cron: { schedule: "@hourly" }, function: f } }
            """
                .formatted(module));
    ManifestResult.Loaded loaded = (ManifestResult.Loaded) ManifestReader.of(Map.of()).read(file);
    try (Worker worker = Worker.start(loaded.manifest(), WorkerOptions.DEFAULT)) {
      Thread.setDefaultUncaughtExceptionHandler(worker.threadDeaths());
      assertFalse(worker.failure().isDone());

      Thread.ofPlatform()
          .name("some-thread")
          .start(
              () -> {
                throw new IllegalStateException("a bug");
              });

      assertEquals(
          "thread 'some-thread' died: java.lang.IllegalStateException: a bug",
          worker.failure().get(30, TimeUnit.SECONDS));
    }
  }

  @Test
  void theTimerTellsOfATaskThatThrew() throws Exception {
    CompletableFuture<String> told = new CompletableFuture<>();
    Thread.setDefaultUncaughtExceptionHandler(
        (thread, bug) -> told.complete(thread.getName() + " " + bug.getMessage()));
    try (SystemTimer timer = new SystemTimer()) {
      timer.after(
          Duration.ZERO,
          () -> {
            throw new IllegalStateException("a bug");
          });

      assertEquals("timer a bug", told.get(30, TimeUnit.SECONDS));
    }
  }
}
