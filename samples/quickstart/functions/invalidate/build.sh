#!/usr/bin/env bash
# Builds invalidate.wasm. Debian: apt install clang lld wasi-libc libclang-rt-14-dev-wasm32.
set -euo pipefail
cd "$(dirname "$0")"
../../../build-c.sh invalidate.c "${1:-.}/invalidate.wasm"
