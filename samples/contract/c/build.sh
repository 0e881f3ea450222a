#!/usr/bin/env bash
# Builds contract.wasm. Debian: apt install clang lld wasi-libc libclang-rt-14-dev-wasm32.
set -euo pipefail
cd "$(dirname "$0")"
../../build-c.sh contract.c "${1:-.}/contract.wasm" -mexec-model=reactor
