#!/usr/bin/env bash
# Builds invalidate.wasm. Debian: apt install clang lld wasi-libc libclang-rt-14-dev-wasm32.
set -euo pipefail
cd "$(dirname "$0")"
clang --target=wasm32-wasi -O2 -s -Wall -Wextra -Werror invalidate.c -o "${1:-.}/invalidate.wasm"
