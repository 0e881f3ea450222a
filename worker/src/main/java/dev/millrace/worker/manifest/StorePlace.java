package dev.millrace.worker.manifest;

import java.nio.file.Path;
import java.util.Optional;

/** Looks at the disk that a store is on. */
@FunctionalInterface
public interface StorePlace {

  /**
   * Why what is stored there may go, as the end of a sentence about the path; empty if it stays.
   * Must not throw.
   *
   * @param path the store's file, absolute; it need not be there
   */
  Optional<String> risk(Path path);
}
