#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Compares the ways of frames to the server, from JPEG over the WebSocket to WebRTC by TURN, over three links between
# network namespaces, and what coding does to the depth of the built-in network:
# scripts/bench-transports.sh [ROUNDS [SECONDS [PATTERN]]], 3 rounds of 15 seconds by default; PATTERN: of the rows
# that are wanted, "LINK: TRANSPORT". Needs root.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
scripts/install.sh build viewer test
cmake --preset release
cmake --build --preset release --target depthcloud_server depthcloud_viewer depthcloud_delay_link depthcloud_c
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
/usr/bin/python3 bench/apps/viewer/clip.py "$folder/clip.y4m" examples/data/{coffee,astronaut}.jpg
in_browser() {
  (cd build/apps/viewer && DEPTHCLOUD_CHROMIUM=${DEPTHCLOUD_CHROMIUM:-/usr/bin/chromium} \
    DEPTHCLOUD_SERVER=$root/build/bin/depthcloud-server DEPTHCLOUD_PHOTOS=$root/examples/data \
    DEPTHCLOUD_DELAY_LINK=$root/build/bin/depthcloud_delay_link unshare --net \
    node --preserve-symlinks --preserve-symlinks-main bench/transports.mjs "$folder/clip.y4m" "$@")
}
in_browser "$@"
in_browser --units "$folder/units.h264"
echo
DEPTHCLOUD_LIBRARY=$(echo build/capi/libdepthcloud_c.so.[0-9]) PYTHONPATH=python \
  /usr/bin/python3 bench/apps/viewer/depth_change.py "$folder/clip.y4m" "$folder/units.h264"
