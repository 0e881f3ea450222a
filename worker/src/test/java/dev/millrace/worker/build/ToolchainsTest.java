package dev.millrace.worker.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What shells and compilers say where something is missing, word for word, and what is advised. */
class ToolchainsTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\u0001',
      textBlock =
          """
          sh: 1: cargo: not found | rustup
          sh: line 1: rustc: command not found | libstd-rust-dev-wasm32
          error[E0463]: can't find crate for `core` | libstd-rust-dev-wasm32
          = note: the `wasm32-wasip1` target may not be installed | rustup target add
          error: error loading target specification: could not find specification for target "wasm32-wasi" | wasm32-wasip1
          sh: 1: clang: not found | apt install clang lld wasi-libc
          clang: error: unable to execute command: Executable "wasm-ld" doesn't exist! | apt install lld
          hello.c:1:10: fatal error: 'stdio.h' file not found | apt install wasi-libc
          wasm-ld: error: cannot open /usr/lib/llvm-14/lib/clang/14.0.6/lib/wasi/libclang_rt.builtins-wasm32.a: No such file or directory | libclang-rt-14-dev-wasm32
          sh: 1: asc: not found | npm install --global assemblyscript
          sh: 1: npx: not found | apt install nodejs npm
          sh: 1: go: not found | golang-1.23
          go: unsupported GOOS/GOARCH pair wasip1/wasm | 1.21 or newer
          sh: 1: wat2wasm: not found | apt install wabt
          """)
  void namesThePackage(String says, String advised) {
    List<String> advice = Toolchains.advice("compiling\n" + says + "\nfailed\n");

    assertTrue(advice.stream().anyMatch(each -> each.contains(advised)), advice.toString());
  }

  @Test
  void namesThePackageThatIsMissingAndNoOther() {
    List<String> advice =
        Toolchains.advice(
            """
            wasm-ld-14: error: cannot open /usr/lib/llvm-14/lib/clang/14.0.6/lib/wasi/libclang_rt.builtins-wasm32.a: No such file or directory
            clang: error: linker command failed with exit code 1 (use -v to see invocation)
            """);

    assertEquals(1, advice.size(), advice.toString());
  }

  @Test
  void saysNothingOfAnOrdinaryError() {
    assertEquals(
        List.of(),
        Toolchains.advice("error[E0425]: cannot find value `x` in this scope\n  --> src/lib.rs:3"));
  }
}
