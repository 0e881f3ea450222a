#!/usr/bin/env bash
# Builds orders.wasm. Debian: apt install golang-1.23-go, from bookworm-backports.
set -euo pipefail
cd "$(dirname "$0")"
../../build-go.sh "$PWD" "$(realpath "${1:-.}")/orders.wasm"
