#!/usr/bin/env bash
# Builds orders.wasm with AssemblyScript's asc: npm install --global assemblyscript@0.28.20
set -euo pipefail
cd "$(dirname "$0")"
sdk=../../../abi/guest/assemblyscript
asc orders.ts -o "${1:-.}/orders.wasm" -O --exportStart _initialize --use abort=$sdk/millrace/abort
