#!/usr/bin/env bash
# Builds orders.wasm. Debian: apt install rustc cargo libstd-rust-dev-wasm32 librust-serde-dev
# librust-serde-json-dev.
set -euo pipefail
cd "$(dirname "$0")"
../../build-rust.sh orders/rust "${1:-.}"
