#!/usr/bin/env bash
# Builds echo.wasm. Debian: apt install clang lld wasi-libc libclang-rt-14-dev-wasm32.
set -euo pipefail
cd "$(dirname "$0")"
../../build-c.sh echo.c "${1:-.}/echo.wasm" -mexec-model=reactor
