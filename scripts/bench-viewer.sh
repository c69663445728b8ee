#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Prints how long Chromium takes to decode a photo's cloud in each encoding, at full density:
# scripts/bench-viewer.sh [PHOTO]
set -euo pipefail
cd "$(dirname "$0")/.."
photo=$(realpath "${1:-examples/data/coffee.jpg}")
scripts/install.sh build viewer test
cmake --preset release
cmake --build --preset release --target depthcloud_cli depthcloud_viewer
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
cloud() { build/bin/depthcloud cloud "$photo" --process-res 504 -o "$folder/$1.msgpack" "${@:2}"; }
cloud f32
cloud q16 --encoding q16
cloud depth --encoding depth --colors client
cloud depth_jpeg --encoding depth
cd build/examples/viewer
node --preserve-symlinks --preserve-symlinks-main bench/decode.mjs "$folder"/*.msgpack
