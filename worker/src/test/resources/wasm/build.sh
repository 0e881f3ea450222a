#!/usr/bin/env bash
# Builds the guests beside their sources and the list of their digests. Needs wat2wasm (package wabt).
# Tests use the .wasm files that are checked in; this is for whoever changes a .wat.
set -euo pipefail
cd "$(dirname "$0")"
for source in *.wat; do
  wat2wasm --enable-all --debug-names -o "${source%.wat}.wasm" "$source"
done
{
  echo "# $(wat2wasm --version | sed 's/^/wabt /')"
  sha256sum -- *.wasm
} > SHA256SUMS
