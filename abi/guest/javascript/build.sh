#!/usr/bin/env bash
# Builds javascript.wasm, the interpreter that runs JavaScript functions.
#
#   build.sh [DIRECTORY]     into DIRECTORY, without one into place
#
# Debian: apt install clang lld wasi-libc libclang-rt-14-dev-wasm32 npm. The sources of QuickJS
# 2021-03-27 come from the npm package qjsc, whose digest npm checks against the one below.
set -euo pipefail
cd "$(dirname "$0")"
out=$(realpath "${1:-.}")
package=qjsc@0.3.0
integrity=sha512-a7+cU6/IVcZbIejffdt/wZVMX6LL2MDL3HQ9Zb5Gm23G9DvBMS/z9GHFxz39bAvp2PvMOM+ypSOAyokt2DdZ2w==

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && npm pack --silent --ignore-scripts "$package" >/dev/null)
actual=sha512-$(openssl dgst -sha512 -binary "$work"/qjsc-*.tgz | base64 --wrap=0)
if [[ $actual != "$integrity" ]]; then
  echo "$package is not the package that this was written for: $actual" >&2
  exit 1
fi
tar -xzf "$work"/qjsc-*.tgz -C "$work" package/deps
quickjs=$work/package/deps/quickjs_2021_03_27
# A function of one line has no table of lines; in a stack it would be the only one without its line.
sed -i '/^static int find_line_num/,/^}/s/return -1;/return b->has_debug ? b->debug.line_num : -1;/' \
  "$quickjs/quickjs.c"

# The SDK becomes a text of C: one string literal a line.
{
  echo 'static const char sdk_text[] ='
  sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/^/  "/' -e 's/$/\\n"/' millrace.js
  echo ';'
} >"$work/sdk.h"

# EMSCRIPTEN: no threads, a switch instead of computed jumps. CONFIG_STACK_CHECK: deep recursion is
# an exception of the script's. -mbulk-memory: copies are one instruction.
flags=(--target=wasm32-wasi -O2 -mbulk-memory -D_GNU_SOURCE "-DCONFIG_VERSION=\"$(cat "$quickjs/VERSION")\""
  -DEMSCRIPTEN -DCONFIG_STACK_CHECK -DCONFIG_BIGNUM -DFE_DOWNWARD=0 -DFE_UPWARD=0
  -I"$quickjs" -I"$work" -I../c "-ffile-prefix-map=$work=." "-ffile-prefix-map=$PWD=.")
objects=()
for source in "$quickjs"/{quickjs,libregexp,libunicode,libbf,cutils}.c runner.c; do
  object=$work/$(basename "$source" .c).o
  warnings=(-w)
  [[ $source == runner.c ]] && warnings=(-Wall -Wextra -Werror -Wno-unused-parameter)
  clang "${flags[@]}" "${warnings[@]}" -c "$source" -o "$object"
  objects+=("$object")
done
# Two steps: a clang that links with -O runs the wasm-opt that it finds on PATH.
clang --target=wasm32-wasi -mexec-model=reactor -s -Wl,-z,stack-size=1048576 -Wl,--stack-first \
  "${objects[@]}" -lm -o "$out/javascript.wasm"
