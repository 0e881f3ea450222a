package dev.millrace.worker.manifest;

import java.nio.file.Path;
import java.util.List;

/**
 * How a function's module is made from its source.
 *
 * @param function the function whose module it makes
 * @param command what {@code sh -c} gets; the owner of the manifest wrote it, and it may do
 *     anything that he may
 * @param directory where it runs, absolute
 * @param watch globs relative to {@code directory}: the files whose change means that the module is
 *     to be built again; empty if only the module itself is watched
 */
public record BuildSpec(String function, String command, Path directory, List<String> watch) {

  public BuildSpec {
    watch = List.copyOf(watch);
  }
}
