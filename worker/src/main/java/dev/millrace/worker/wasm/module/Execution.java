package dev.millrace.worker.wasm.module;

/** How a module's code is run. */
public enum Execution {
  /** Compiled to Java's bytecode when it is deployed. The default. */
  COMPILER,
  /** Interpreted, 70 to 110 times slower: for modules that cannot be compiled. */
  INTERPRETER
}
