#!/usr/bin/env bash
# samples/build-c.sh FILE.c MODULE.wasm [FLAG...]: compiles and links one file.
#
# In two steps, because a clang that links with -O runs the wasm-opt that it finds on PATH, and then
# what it builds depends on more than its own version.
set -euo pipefail
source=$1 module=$2
shift 2
object=$(mktemp --suffix=.o)
trap 'rm -f "$object"' EXIT
sdk=$(dirname "$0")/../abi/guest/c
clang --target=wasm32-wasi -O2 -Wall -Wextra -Werror -I"$sdk" -c "$source" -o "$object"
clang --target=wasm32-wasi -s "$@" "$object" -o "$module"
