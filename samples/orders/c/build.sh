#!/usr/bin/env bash
# Builds orders.wasm. Debian: apt install clang lld wasi-libc libclang-rt-14-dev-wasm32.
set -euo pipefail
cd "$(dirname "$0")"
../../build-c.sh orders.c "${1:-.}/orders.wasm" -mexec-model=reactor
