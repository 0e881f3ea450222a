package dev.millrace.worker.dev;

import dev.millrace.worker.manifest.BuildSpec;
import dev.millrace.worker.wasm.WasmFunction;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * What is known of one function's files. Confined to the watching thread.
 *
 * <p>Something has changed when two looks in a row found the same, and that is not what was last
 * acted upon: whichever way an editor or a compiler writes its files, it has come to rest.
 */
final class WatchedFunction {

  private final WasmFunction function;
  private final Optional<BuildSpec> build;
  private Stamps sources;
  private Stamps sourcesBefore;
  private Stamps program;
  private Stamps programBefore;
  private int taken;

  WatchedFunction(WasmFunction function, Optional<BuildSpec> build) {
    this.function = function;
    this.build = build;
    this.sources = lookAtSources();
    this.sourcesBefore = sources;
    // What was deployed was read before: whoever wrote to it since is not to be missed.
    this.program = Stamps.of(Set.of());
    this.programBefore = program;
  }

  WasmFunction function() {
    return function;
  }

  Optional<BuildSpec> build() {
    return build;
  }

  /** Whether the sources have come to rest other than they were; that is then what they were. */
  boolean sourcesChanged() {
    Stamps now = lookAtSources();
    boolean rest = now.equals(sourcesBefore);
    sourcesBefore = now;
    if (!rest || now.equals(sources)) {
      return false;
    }
    sources = now;
    return true;
  }

  /**
   * Whether the module, script or granted files have come to rest other than it was; that is then
   * what it was.
   */
  boolean programChanged() {
    Stamps now = lookAtProgram();
    boolean rest = now.equals(programBefore);
    programBefore = now;
    return rest && take(now);
  }

  /** The same after a build: its command has ended, so nobody writes any more. */
  boolean programBuilt() {
    Stamps now = lookAtProgram();
    programBefore = now;
    return take(now);
  }

  private boolean take(Stamps now) {
    if (now.files().isEmpty() || now.equals(program)) {
      return false;
    }
    taken++;
    program = now;
    return true;
  }

  /** Whether what is taken now is not what was found at the first look. */
  boolean wasTakenBefore() {
    return taken > 1;
  }

  /** Whether the program is still what was last taken. */
  boolean programUntouched() {
    return lookAtProgram().equals(program);
  }

  /** Takes what is there as new at the next look, as it was written to while it was read. */
  void lookAgain() {
    program = Stamps.of(Set.of());
  }

  private Stamps lookAtSources() {
    Set<Path> files = build.map(SourceFiles::of).orElse(Set.of());
    Path made = function.spec().program().main();
    return Stamps.of(files.stream().filter(file -> !file.equals(made)).toList());
  }

  private Stamps lookAtProgram() {
    return Stamps.of(function.spec().files());
  }
}
