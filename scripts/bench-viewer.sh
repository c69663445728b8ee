#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Prints how long Chromium takes to decode a photo's cloud in each encoding, at full density, and how
# often the page shows a new cloud of a camera beside the real server:
# scripts/bench-viewer.sh [PHOTO]
# With a picture to write, it takes docs/images/viewer.jpg instead:
# scripts/bench-viewer.sh --picture OUT.jpg
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
if [ "${1:-}" = --picture ]; then picture=$(realpath "$2"); set --; fi
photo=$(realpath "${1:-examples/data/coffee.jpg}")
scripts/install.sh build viewer test
cmake --preset release
cmake --build --preset release --target depthcloud_cli depthcloud_server depthcloud_viewer
in_browser() {
  (cd build/apps/viewer && DEPTHCLOUD_CHROMIUM=${DEPTHCLOUD_CHROMIUM:-/usr/bin/chromium} \
    DEPTHCLOUD_SERVER=$root/build/bin/depthcloud-server DEPTHCLOUD_PHOTOS=$root/examples/data \
    node --preserve-symlinks --preserve-symlinks-main "bench/$1" "${@:2}")
}
if [ -n "${picture:-}" ]; then in_browser picture.mjs "$picture"; exit; fi
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
cloud() { build/bin/depthcloud cloud "$photo" --process-res 504 -o "$folder/$1.msgpack" "${@:2}"; }
cloud f32
cloud q16 --encoding q16
cloud depth --encoding depth --colors client
cloud depth_jpeg --encoding depth
in_browser decode.mjs "$folder"/*.msgpack
echo
in_browser live.mjs
