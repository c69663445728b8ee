#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# apps.sh PROGRAM...: each program alone against the moved tree. Not optimised and in few translation units,
# so that it builds quickly. scripts/check-apps.sh builds them as they are, and the viewer.
set -euo pipefail
for program in "$@"; do
  folder=$STAGE/apps_$program
  rm -rf "$folder"
  options=(-DDEPTHCLOUD_CLI=OFF -DDEPTHCLOUD_SERVER=OFF -DDEPTHCLOUD_VIEWER=OFF)
  "$CMAKE" -S "$SOURCES/apps" -B "$folder" -G Ninja -DCMAKE_PREFIX_PATH="$TREE" "${options[@]}" \
    -DDEPTHCLOUD_"${program^^}"=ON -DCMAKE_UNITY_BUILD=ON -DCMAKE_UNITY_BUILD_BATCH_SIZE=4 \
    -DCMAKE_CXX_COMPILER_LAUNCHER="$LAUNCHER" > "$folder.log" || { cat "$folder.log"; exit 1; }
  "$CMAKE" --build "$folder"
  case $program in
    cli)
      $EMULATOR "$folder/cli/depthcloud" cloud "$SOURCES/examples/data/coffee.jpg" --model constant:2 \
        -o "$folder/out.ply"
      grep -aq '^element vertex [1-9]' "$folder/out.ply"
      ;;
    server) $EMULATOR "$folder/server/depthcloud-server" --version ;;
  esac
done
