#!/usr/bin/env bash
# Builds split.wasm. Debian: apt install clang lld wasi-libc libclang-rt-14-dev-wasm32.
set -euo pipefail
cd "$(dirname "$0")"
clang --target=wasm32-wasi -mexec-model=reactor -O2 -s -Wall -Wextra -Werror \
  -I../../abi/guest/c split.c -o "${1:-.}/split.wasm"
