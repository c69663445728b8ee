#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# released.sh VERSION: programs that were compiled against a release's header run with the library of today.
set -euo pipefail
export LD_LIBRARY_PATH=$TREE/$LIBDIR
folder=$STAGE/released_$1
rm -rf "$folder"
mkdir -p "$folder"
cd "$folder"
old() { $CC -std=c99 -Wall -Wextra -pedantic -Werror -I"$SOURCES/tests/consumer/$1" "$2" -L"$TREE/$LIBDIR" -ldepthcloud_c -o "$3"; }
points() { grep -aq '^element vertex [1-9]' "$1"; }

old "$1" "$SOURCES/tests/consumer/consumer.c" consumer
$EMULATOR ./consumer consumer.ply
points consumer.ply
[ "$TORCH" = 1 ] || exit 0
old "$1" "$SOURCES/examples/c/photo_to_ply.c" photo_to_ply
$EMULATOR ./photo_to_ply "$SOURCES/examples/data/coffee.jpg" photo.ply
points photo.ply
old "$1" "$SOURCES/examples/c/stream.c" stream
$EMULATOR ./stream "$SOURCES"/examples/data/*.jpg | grep -q '^frame 2: a packet of [1-9]'
