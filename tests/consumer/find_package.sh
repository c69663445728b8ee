#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# find_package.sh COMPONENT: a CMake project that finds the moved tree.
set -euo pipefail
folder=$STAGE/find_package_$1
rm -rf "$folder"
"$CMAKE" -S "$SOURCES/tests/consumer/find_package" -B "$folder" -DCMAKE_PREFIX_PATH="$TREE" \
  -DCOMPONENT="$1" -DSOURCES="$SOURCES" > "$folder.log" || { cat "$folder.log"; exit 1; }
"$CMAKE" --build "$folder"
case $1 in
  depthcloud) $EMULATOR "$folder/consumer" "$SOURCES/examples/data/coffee.jpg" "$folder/out.ply" ;;
  video) $EMULATOR "$folder/consumer" test:64x48@1 "$folder" constant:2 && mv "$folder/0.ply" "$folder/out.ply" ;;
  *) $EMULATOR "$folder/consumer" "$folder/out.ply" ;;
esac
grep -aq '^element vertex [1-9]' "$folder/out.ply"
