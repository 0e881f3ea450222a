#!/usr/bin/env bash
# Builds split.wasm. Debian: apt install clang lld wasi-libc libclang-rt-14-dev-wasm32.
set -euo pipefail
cd "$(dirname "$0")"
../build-c.sh split.c "${1:-.}/split.wasm" -mexec-model=reactor
