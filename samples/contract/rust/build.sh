#!/usr/bin/env bash
# Builds contract.wasm. Debian: apt install rustc cargo libstd-rust-dev-wasm32.
set -euo pipefail
cd "$(dirname "$0")"
../../build-rust.sh contract/rust "${1:-.}"
