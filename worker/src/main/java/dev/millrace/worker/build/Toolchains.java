package dev.millrace.worker.build;

import java.util.List;
import java.util.regex.Pattern;

/** Knows by what a failed build wrote which package is missing. */
final class Toolchains {

  /**
   * What a compiler or a shell says, and what to do about it.
   *
   * @param says found in the output
   */
  private record Missing(Pattern says, String advice) {}

  private static final List<Missing> KNOWN =
      List.of(
          tool(
              "cargo|rustc",
              "Rust is missing: install it with rustup and run 'rustup target add"
                  + " wasm32-unknown-unknown', or on Debian 'apt install rustc cargo"
                  + " libstd-rust-dev-wasm32'"),
          said(
              "can't find crate for `(core|std)`|target may not be installed",
              "Rust's library for WebAssembly is missing: run 'rustup target add' with the target"
                  + " of the build command, or on Debian 'apt install libstd-rust-dev-wasm32'"),
          said(
              "[Cc]ould not find specification for target \"wasm32-wasi",
              "this Rust names the target otherwise: wasm32-wasip1 since Rust 1.78, wasm32-wasi"
                  + " before (Debian 12); correct the build command"),
          tool(
              "clang",
              "clang is missing: on Debian 12 'apt install clang lld wasi-libc"
                  + " libclang-rt-14-dev-wasm32'"),
          said(
              "wasm-ld(-[0-9]+)?[\"'`]? (doesn't exist|not found)|unable to execute"
                  + " command.*wasm-ld|wasm-ld(-[0-9]+)?['\"`]?: No such file",
              "the linker wasm-ld is missing: on Debian 'apt install lld'"),
          said(
              "'[a-z/]+\\.h' file not found|crt1(-command|-reactor)?\\.o.*No such file|unable to"
                  + " find library -lc\\b",
              "if this is a header or a file of the C library, it is missing for WebAssembly: on"
                  + " Debian 'apt install wasi-libc'"),
          said(
              "libclang_rt\\.builtins-wasm32",
              "the compiler's run-time library for WebAssembly is missing: on Debian 12 'apt install"
                  + " libclang-rt-14-dev-wasm32', elsewhere the same with clang's version"),
          tool(
              "asc",
              "AssemblyScript is missing: run 'npm install --global assemblyscript', or 'npm"
                  + " install' in the directory of the build and call it by 'npx asc'"),
          said(
              "could not determine executable to run|Cannot find (module|package) '?assemblyscript",
              "AssemblyScript is missing: run 'npm install assemblyscript' in the directory of the"
                  + " build"),
          tool("npx|npm|node", "Node.js is missing: on Debian 'apt install nodejs npm'"),
          tool(
              "go",
              "Go is missing: install 1.21 or newer, on Debian 12 'apt install -t bookworm-backports"
                  + " golang-1.23' and call /usr/lib/go-1.23/bin/go"),
          said(
              "unsupported GOOS/GOARCH pair wasip1/wasm",
              "this Go is too old for WebAssembly; install 1.21 or newer, on Debian 12 'apt install"
                  + " -t bookworm-backports golang-1.23'"),
          tool(
              "wat2wasm",
              "the WebAssembly binary toolkit is missing: on Debian 'apt install wabt', or 'npm"
                  + " install --global wabt'"),
          tool("zig", "Zig is missing: install it, or 'npm install' a package that ships it"),
          tool("make", "make is missing: on Debian 'apt install make'"));

  private Toolchains() {}

  /** What is probably missing, one sentence each; empty if nothing is known. */
  static List<String> advice(String output) {
    return KNOWN.stream()
        .filter(missing -> missing.says().matcher(output).find())
        .map(Missing::advice)
        .toList();
  }

  /** A shell that does not find a program says so in one of two ways. */
  private static Missing tool(String names, String advice) {
    return said(
        "(?m)(^|[\\s:/'\"])(" + names + ")['\"]?: ((command )?not found|No such file)", advice);
  }

  private static Missing said(String regex, String advice) {
    return new Missing(Pattern.compile(regex), advice);
  }
}
