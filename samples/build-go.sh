#!/usr/bin/env bash
# samples/build-go.sh DIRECTORY MODULE.wasm: builds the program in a directory, without any network.
set -euo pipefail
export PATH=$PATH:/usr/lib/go-1.23/bin GOTOOLCHAIN=local GOFLAGS=-mod=mod GOPROXY=off GOOS=wasip1 GOARCH=wasm
cd "$1"
go build -trimpath -buildvcs=false -ldflags='-s -w -buildid=' -o "$2" .
