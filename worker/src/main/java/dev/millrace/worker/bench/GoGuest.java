package dev.millrace.worker.bench;

import dev.millrace.worker.build.Builds;
import dev.millrace.worker.manifest.BuildSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * {@code samples/orders} in Go. Its module of 3.5 MB is not brought along: it is built where there
 * is a Go, on the {@code PATH} or where Debian puts it.
 */
final class GoGuest {

  private static final String BUILD =
      "export PATH=\"$PATH:/usr/lib/go-1.23/bin\" GOTOOLCHAIN=local GOFLAGS=-mod=mod GOPROXY=off"
          + " && go mod edit -replace=millrace.dev/go=./sdk"
          + " && GOOS=wasip1 GOARCH=wasm go build -trimpath -buildvcs=false -ldflags='-s -w -buildid='"
          + " -o orders.wasm .";

  private GoGuest() {}

  /**
   * Builds it. Blocks, for a minute where Go's library has not been compiled before.
   *
   * @return its module; empty, and said why, if there is no Go or the build fails
   */
  static Optional<Path> build(Bench bench) throws IOException, InterruptedException {
    Path source = bench.guest("go/main.go");
    bench.guest("go/go.mod");
    Path directory = source.toAbsolutePath().getParent();
    Path kit = bench.home().resolve("guest").resolve("go");
    if (!Files.isDirectory(kit)) {
      bench.say("  Go: not measured: there is no " + kit);
      return Optional.empty();
    }
    copy(kit, directory.resolve("sdk"));
    Builds.Result result =
        new Builds(line -> bench.say("  " + line), 1)
            .run(List.of(new BuildSpec("Go", BUILD, directory, List.of())))
            .getFirst();
    if (!result.succeeded()) {
      bench.say(
          "  Go: not measured: "
              + (result.advice().isEmpty()
                  ? "the build ended with " + result.exitCode()
                  : String.join("; ", result.advice())));
      return Optional.empty();
    }
    return Optional.of(directory.resolve("orders.wasm"));
  }

  private static void copy(Path kit, Path to) throws IOException {
    Files.createDirectories(to);
    try (Stream<Path> files = Files.list(kit)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, to.resolve(file.getFileName().toString()));
      }
    }
  }
}
