#!/usr/bin/env bash
# Builds echo.wasm. Debian: apt install rustc cargo libstd-rust-dev-wasm32.
set -euo pipefail
cd "$(dirname "$0")"
../../build-rust.sh echo/rust "${1:-.}"
