#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Prints how long Chromium takes to decode a photo's cloud in each encoding, at full density:
# scripts/bench-viewer.sh [PHOTO]
set -euo pipefail
cd "$(dirname "$0")/.."
photo=$(realpath "${1:-examples/data/coffee.jpg}")
scripts/install.sh build viewer test
cmake --preset release
cmake --build --preset release --target depthcloud_cli depthcloud_viewer wire_messages
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
build/bin/depthcloud depth "$photo" --process-res 504 -o "$folder/depth.npy"
build/bin/wire_messages "$folder" "$folder/depth.npy" "$photo"
cd build/examples/viewer
node --preserve-symlinks --preserve-symlinks-main bench/decode.mjs "$folder"/*.msgpack
