#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A project that has depthcloud in a folder of its own. Not optimised, so that it builds quickly.
set -euo pipefail
folder=$STAGE/add_subdirectory
"$CMAKE" -S "$SOURCES/tests/consumer/add_subdirectory" -B "$folder" -G Ninja -DSOURCES="$SOURCES" \
  -DCMAKE_CXX_COMPILER_LAUNCHER="$LAUNCHER" > "$folder.log" || { cat "$folder.log"; exit 1; }
"$CMAKE" --build "$folder" --target consumer
$EMULATOR "$folder/consumer" "$folder/out.ply"
