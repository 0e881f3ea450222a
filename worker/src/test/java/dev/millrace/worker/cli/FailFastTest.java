package dev.millrace.worker.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.worker.Worker;
import dev.millrace.worker.WorkerOptions;
import dev.millrace.worker.manifest.Manifest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code up --fail-fast} on a Redis that is not there: nobody listens on port 1. */
class FailFastTest {

  @TempDir private Path directory;
  private Manifest manifest;

  @BeforeEach
  void writeManifest() throws Exception {
    Files.copy(
        Path.of("src", "test", "resources", "wasm", "echo.wasm"), directory.resolve("echo.wasm"));
    Files.writeString(
        directory.resolve("millrace.yaml"),
        """
        millrace: 1
        admin: { enabled: false }
        connections:
          cache: { redis: { url: "redis://localhost:1" } }
        functions:
          echo: { wasm: echo.wasm }
        triggers:
          messages: { redis: { connection: cache, channels: [a] }, function: echo }
        """);
    manifest = ManifestLoader.load(directory);
  }

  @Test
  void endsWithExitCodeFourAndSaysWhoIsNotConnected() throws Exception {
    try (Worker worker = Worker.start(manifest, WorkerOptions.DEFAULT)) {
      CommandException end =
          assertThrows(
              CommandException.class,
              () ->
                  FailFast.requireConnected(
                      worker, Duration.ofSeconds(1), new CompletableFuture<>()));

      assertEquals(ExitCodes.UNREACHABLE, end.exitCode());
      assertTrue(
          String.valueOf(end.getMessage())
              .startsWith("trigger 'messages' is not connected: Redis localhost:1"),
          end.getMessage());
    }
  }

  @Test
  void doesNotKeepASignalWaiting() throws Exception {
    try (Worker worker = Worker.start(manifest, WorkerOptions.DEFAULT)) {
      FailFast.requireConnected(
          worker, Duration.ofDays(1), CompletableFuture.completedFuture("TERM"));
    }
  }
}
