package dev.millrace.worker.wasm.spec;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a function runs: a module, or a script and the module that interprets it.
 *
 * @param module the {@code .wasm} file; empty for a script that the worker's own interpreter runs
 * @param script the program that the module interprets
 */
public record Program(Optional<Path> module, Optional<Path> script) {

  public Program {
    if (module.isEmpty() && script.isEmpty()) {
      throw new IllegalArgumentException("a program is a module, a script, or both");
    }
  }

  /** A module by itself. */
  public static Program module(Path module) {
    return new Program(Optional.of(module), Optional.empty());
  }

  /** A JavaScript file. */
  public static Program script(Path script) {
    return new Program(Optional.empty(), Optional.of(script));
  }

  /**
   * The files that it is made of as they are now, what a script imports included. Reads scripts. A
   * file that cannot be read is named, and nothing that it would import.
   */
  public List<Path> files() {
    List<Path> files = new ArrayList<>();
    module.ifPresent(files::add);
    script.ifPresent(main -> files.addAll(ScriptFiles.paths(main)));
    return List.copyOf(files);
  }

  /** The file that people look at: the script, or the module. */
  public Path main() {
    return script.or(() -> module).orElseThrow();
  }

  /** The name of {@link #main}. */
  @Override
  public String toString() {
    return main().toString();
  }
}
