package dev.millrace.worker.cli;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The languages of the templates. A toolchain is here if it makes a module of the smallest program:
 * a compiler that has no linker, library or target for WebAssembly answers {@code --version} too.
 */
enum GuestLanguage {
  RUST(
      "cargo --version && rustc --target wasm32-unknown-unknown --crate-type cdylib -o probe.wasm",
      "probe.rs",
      "pub fn probe() {}"),
  C(
      "clang --target=wasm32-wasi -o probe.wasm",
      "probe.c",
      """
      #include <stdio.h>
      int main(void) { return puts("probe") < 0; }
      """),
  GO(
      "PATH=$PATH:/usr/lib/go-1.23/bin GOOS=wasip1 GOARCH=wasm go build -o probe.wasm",
      "probe.go",
      """
      package main
      func main() {}
      """),
  ASSEMBLYSCRIPT("asc -o probe.wasm", "probe.ts", "export function probe(): void {}"),
  WAT("wat2wasm -o probe.wasm", "probe.wat", "(module)"),
  /** Has no compiler. */
  JAVASCRIPT("true", "probe.js", "");

  private final String compiler;
  private final String file;
  private final String program;

  GuestLanguage(String compiler, String file, String program) {
    this.compiler = compiler;
    this.file = file;
    this.program = program;
  }

  /** Ends the test as not run, with the compiler's words, if the toolchain is not here. */
  void assumeHere(Path directory) throws IOException, InterruptedException {
    Files.createDirectories(directory);
    Files.writeString(directory.resolve(file), program);
    Process build =
        new ProcessBuilder("sh", "-c", compiler + " " + file)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .start();
    String said = new String(build.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assumeTrue(build.waitFor() == 0, "not run: " + said);
  }
}
