#!/usr/bin/env bash
# Builds one of the modules, or all. Debian: apt install clang lld wasi-libc libclang-rt-14-dev-wasm32.
#
#   samples/foreign/build.sh [DIRECTORY [NAME...]]
set -euo pipefail
cd "$(dirname "$0")"
to=${1:-.}
shift || true
for name in "${@:-count_vowels mask upper trim}"; do
  for each in $name; do
    case $each in
      mask) flags=() ;;
      trim) flags=(-mexec-model=reactor -Wl,--export=malloc -Wl,--export=free) ;;
      *) flags=(-mexec-model=reactor) ;;
    esac
    ../build-c.sh "$each.c" "$to/$each.wasm" "${flags[@]}"
  done
done
