#!/usr/bin/env bash
# samples/build-rust.sh DIRECTORY OUT: builds the crate in samples/DIRECTORY into OUT.
#
# `cargo build --release --target wasm32-wasi` in the crate does the same, but its result depends
# on where the repository lies: cargo hashes the path of a dependency outside the workspace into
# the names of its symbols. So this script builds in a workspace that has both, with the crates that
# Debian packages.
set -euo pipefail
directory=samples/$1
out=$(realpath "$2")
sdk=abi/guest/rust
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/$directory" "$work/$sdk"
cp -r "$directory/src" "$work/$directory"
# Only the workspace's own profiles count.
sed '/^\[profile/,$d' "$directory/Cargo.toml" >"$work/$directory/Cargo.toml"
cp -r $sdk/{Cargo.toml,src} "$work/$sdk"
cp "$directory/Cargo.lock" "$work"
{
  echo "[workspace]"
  echo "members = ['$directory', '$sdk']"
  sed -n '/^\[profile/,$p' "$directory/Cargo.toml"
} >"$work/Cargo.toml"
cd "$work"
# A rustup toolchain may come first on PATH; the checked-in modules are Debian's.
RUSTC=/usr/bin/rustc /usr/bin/cargo build --quiet --release --locked --offline \
  --package "$(sed -n 's/^name = "\(.*\)"/\1/p' "$directory/Cargo.toml" | head -1)" \
  --target wasm32-wasi \
  --config 'source.crates-io.replace-with="debian"' \
  --config 'source.debian.directory="/usr/share/cargo/registry"'
cp target/wasm32-wasi/release/*.wasm "$out"
