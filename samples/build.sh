#!/usr/bin/env bash
# Rebuilds the samples' modules where their toolchain is here, and says what is missing.
#
#   samples/build.sh            builds into place and writes SHA256SUMS
#   samples/build.sh --check    builds elsewhere and compares with SHA256SUMS; 1 if one differs
set -euo pipefail
cd "$(dirname "$0")"

check=false
if [[ ${1:-} == --check ]]; then
  check=true
elif (($# > 0)); then
  sed -n '2,5s/^# \{0,1\}//p' "$0" >&2
  exit 2
fi

# Each module: the directory of its build.sh, its name, and the tools that it takes.
modules=(
  "quickstart/functions/orders orders.wasm /usr/bin/cargo /usr/bin/rustc"
  "quickstart/functions/invalidate invalidate.wasm clang wasm-ld"
  "quickstart/functions/settle settle.wasm asc"
  "split split.wasm clang wasm-ld"
  "bench tiny.wasm clang wasm-ld"
  "bench acts.wasm clang wasm-ld"
  "foreign count_vowels.wasm clang wasm-ld"
  "foreign mask.wasm clang wasm-ld"
  "foreign upper.wasm clang wasm-ld"
  "foreign trim.wasm clang wasm-ld"
  "echo/rust echo.wasm /usr/bin/cargo /usr/bin/rustc"
  "echo/c echo.wasm clang wasm-ld"
  "echo/assemblyscript echo.wasm asc"
  "echo/wat echo.wasm wat2wasm"
  "orders/rust orders.wasm /usr/bin/cargo /usr/bin/rustc"
  "orders/c orders.wasm clang wasm-ld"
  "orders/assemblyscript orders.wasm asc"
  "contract/rust contract.wasm /usr/bin/cargo /usr/bin/rustc"
  "contract/c contract.wasm clang wasm-ld"
  "contract/assemblyscript contract.wasm asc"
)

versions() {
  dpkg-query --show --showformat='# ${Package} ${Version}\n' \
    cargo rustc libstd-rust-dev-wasm32 librust-serde-dev librust-serde-json-dev \
    clang lld wasi-libc libclang-rt-14-dev-wasm32 wabt 2>/dev/null || true
  echo "# npm assemblyscript $(asc --version 2>/dev/null | sed 's/Version //')"
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
skipped=0 failed=0 built=0

for entry in "${modules[@]}"; do
  read -r directory module tools <<<"$entry"
  missing=""
  for tool in $tools; do
    command -v "$tool" >/dev/null || missing+=" $tool"
  done
  if [[ -n $missing ]]; then
    echo "skipped  $directory/$module: missing$missing (see $directory/build.sh)" >&2
    skipped=$((skipped + 1))
    continue
  fi
  mkdir -p "$scratch/$directory"
  if ! "$directory/build.sh" "$scratch/$directory" "${module%.wasm}"; then
    echo "failed   $directory/$module" >&2
    failed=$((failed + 1))
    continue
  fi
  built=$((built + 1))
  if $check; then
    expected=$(grep " $directory/$module\$" SHA256SUMS | cut -d' ' -f1 || true)
    actual=$(sha256sum "$scratch/$directory/$module" | cut -d' ' -f1)
    if [[ $actual == "$expected" ]]; then
      echo "same     $directory/$module" >&2
    else
      echo "differs  $directory/$module: built $actual, SHA256SUMS has ${expected:-nothing}" >&2
      failed=$((failed + 1))
    fi
  else
    cp "$scratch/$directory/$module" "$directory/$module"
    chmod 644 "$directory/$module"
    echo "built    $directory/$module" >&2
  fi
done

if $check; then
  if ((failed > 0)); then
    echo "SHA256SUMS was made with these versions; others build other bytes:" >&2
    grep '^#' SHA256SUMS >&2
  fi
elif ((skipped == 0 && failed == 0)); then
  {
    versions
    for entry in "${modules[@]}"; do
      read -r directory module _ <<<"$entry"
      sha256sum "$directory/$module"
    done
  } >"$scratch/SHA256SUMS"
  cp "$scratch/SHA256SUMS" SHA256SUMS
else
  echo "SHA256SUMS not written: not every module was built" >&2
fi
echo "$built built, $skipped skipped, $failed failed" >&2
((failed == 0))
