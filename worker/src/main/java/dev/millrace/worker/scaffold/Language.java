package dev.millrace.worker.scaffold;

import java.util.Optional;
import java.util.stream.Stream;

/** What a template's function is written in. */
public enum Language {
  RUST("rust", "rust/template", "rust/function.yaml", "rust", "Rust"),
  C("c", "c/template", "c/function.yaml", "c", "C"),
  GO("go", "go/template", "go/function.yaml", "go", "Go"),
  ASSEMBLYSCRIPT(
      "assemblyscript",
      "assemblyscript/template",
      "assemblyscript/function.yaml",
      "assemblyscript",
      "AssemblyScript"),
  JAVASCRIPT("js", "javascript/template", "javascript/function.yaml", null, "JavaScript"),
  WAT("wat", "wat/template", "wat/function.yaml", null, "WebAssembly text, without an SDK"),
  COMMAND_C("command-c", "c/command", "c/command.yaml", null, "C, a program from stdin to stdout");

  private final String id;
  private final String source;
  private final String function;
  private final Optional<String> sdk;
  private final String title;

  Language(
      String id,
      String source,
      String function,
      @org.jspecify.annotations.Nullable String sdk,
      String title) {
    this.id = id;
    this.source = source;
    this.function = function;
    this.sdk = Optional.ofNullable(sdk);
    this.title = title;
  }

  /** The language that is called so. */
  public static Optional<Language> named(String id) {
    return Stream.of(values()).filter(each -> each.id.equals(id)).findFirst();
  }

  /** Its part of a template's name. */
  public String id() {
    return id;
  }

  /** The directory of the function's source, below that of the guests. */
  String source() {
    return source;
  }

  /** The file with the function's keys in the manifest, below the guests' directory. */
  String function() {
    return function;
  }

  /** The directory of the SDK, below that of the guests; empty if it needs none. */
  Optional<String> sdk() {
    return sdk;
  }

  String title() {
    return title;
  }
}
