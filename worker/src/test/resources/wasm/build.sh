#!/usr/bin/env bash
# Builds the guests beside their sources and the list of their digests. Needs wat2wasm (package wabt) and,
# for C, clang, lld, wasi-libc and libclang-rt-14-dev-wasm32.
# Tests use the .wasm files that are checked in; this is for whoever changes a source.
set -euo pipefail
cd "$(dirname "$0")"
for source in *.wat; do
  wat2wasm --enable-all --debug-names -o "${source%.wat}.wasm" "$source"
done
for source in *.c; do
  clang --target=wasm32-wasi -mexec-model=reactor -O2 -s -I../../../../../abi/guest/c \
    "$source" -o "${source%.c}.wasm"
done
{
  echo "# $(wat2wasm --version | sed 's/^/wabt /')"
  echo "# $(clang --version | head -1)"
  sha256sum -- *.wasm
} > SHA256SUMS
