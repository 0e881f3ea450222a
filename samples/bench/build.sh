#!/usr/bin/env bash
# Builds tiny.wasm and acts.wasm. Debian: apt install clang lld wasi-libc libclang-rt-14-dev-wasm32.
set -euo pipefail
cd "$(dirname "$0")"
../build-c.sh "${2:-tiny}.c" "${1:-.}/${2:-tiny}.wasm" -mexec-model=reactor -Wl,-z,stack-size=16384
