package dev.millrace.worker.cli;

import dev.millrace.worker.Stores;
import dev.millrace.worker.manifest.Manifest;
import dev.millrace.worker.manifest.ManifestReader;
import dev.millrace.worker.manifest.ManifestResult;
import dev.millrace.worker.store.DeadLetters;
import dev.millrace.worker.store.StoreView;
import java.nio.file.Path;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a command finds the store that it looks into. */
final class StoreAccess {

  @Option(
      names = {"-f", "--manifest"},
      paramLabel = "MANIFEST",
      defaultValue = ".",
      description =
          "The manifest whose store is meant, or a directory with a millrace.yaml. Default:"
              + " ${DEFAULT-VALUE}.")
  private Path manifest = Path.of(".");

  @Option(
      names = "--store",
      paramLabel = "STORE",
      description =
          "The store itself, a file or postgresql://…, instead of the one that the manifest"
              + " names.")
  private @Nullable String store;

  StoreView open() {
    return store == null ? Stores.openShared(named()) : given(store);
  }

  /** The store of a manifest, or the one that is named instead. */
  static StoreView open(Manifest manifest, @Nullable String instead) {
    return instead == null ? Stores.openShared(manifest.store()) : given(instead);
  }

  private static StoreView given(String store) {
    try {
      return Stores.openShared(store);
    } catch (IllegalArgumentException e) {
      throw new CommandException(ExitCodes.USAGE, "--store " + e.getMessage());
    }
  }

  private Manifest.Store named() {
    return manifest().store();
  }

  /** The manifest, which names the store unless a person does. */
  Manifest manifest() {
    return switch (ManifestReader.of(System.getenv()).read(manifest)) {
      case ManifestResult.Loaded loaded -> loaded.manifest();
      case ManifestResult.Invalid invalid ->
          throw new CommandException(
              ExitCodes.MANIFEST_INVALID, ManifestLoader.render(invalid.problems()));
    };
  }

  static DeadLetters.Stored require(DeadLetters letters, String reference) {
    return letters
        .find(reference)
        .orElseThrow(
            () ->
                new CommandException(
                    ExitCodes.NOT_FOUND,
                    "no dead letter '" + reference + "'; 'millrace dlq ls' lists them"));
  }

  /** Waits for a write. */
  static <T> T await(CompletionStage<T> write) {
    try {
      return write.toCompletableFuture().join();
    } catch (CompletionException e) {
      String reason = e.getCause() == null ? e.getMessage() : e.getCause().getMessage();
      throw new CommandException(ExitCodes.REFUSED, String.valueOf(reason));
    }
  }
}
