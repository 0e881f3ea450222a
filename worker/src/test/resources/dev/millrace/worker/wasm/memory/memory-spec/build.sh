#!/usr/bin/env bash
# Compiles the scripts of this directory with wabt's wast2json; the results are checked in, so that
# the tests need no tool.
set -euo pipefail
cd "$(dirname "$0")"
command -v wast2json >/dev/null || { echo "wast2json is missing: install wabt" >&2; exit 1; }
rm -f ./*.json ./*.wasm
for script in *.wast; do
  wast2json --enable-multi-memory "$script" -o "${script%.wast}.json"
done
