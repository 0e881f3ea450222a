#!/usr/bin/env bash
# Builds echo.wasm. Debian: apt install wabt.
set -euo pipefail
cd "$(dirname "$0")"
wat2wasm echo.wat -o "${1:-.}/echo.wasm"
