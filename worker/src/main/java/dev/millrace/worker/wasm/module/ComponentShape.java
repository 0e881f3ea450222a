package dev.millrace.worker.wasm.module;

import java.util.List;

/**
 * What a component's binary says about it without being run.
 *
 * @param imports what it wants, in its order
 * @param exports what it offers, in its order
 * @param coreModules the core modules in it, those of nested components included
 * @param nested how many components are nested in it
 * @param world which world it is for, as far as its imports and exports tell, in one sentence
 */
public record ComponentShape(
    List<Item> imports,
    List<Item> exports,
    List<CoreModule> coreModules,
    int nested,
    String world) {

  /**
   * One import or export.
   *
   * @param name such as {@code wasi:cli/run@0.2.0}
   * @param kind {@code module}, {@code function}, {@code value}, {@code type}, {@code component} or
   *     {@code instance}
   */
  public record Item(String name, String kind) {}

  /**
   * One core module.
   *
   * @param bytes its size
   * @param sha256 its digest in hex
   */
  public record CoreModule(int bytes, String sha256) {}

  public ComponentShape {
    imports = List.copyOf(imports);
    exports = List.copyOf(exports);
    coreModules = List.copyOf(coreModules);
  }
}
