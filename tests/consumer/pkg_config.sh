#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Plain C (C99, strict) and C++ with pkg-config against the moved tree.
set -euo pipefail
export PKG_CONFIG_PATH=$TREE/$LIBDIR/pkgconfig LD_LIBRARY_PATH=$TREE/$LIBDIR
folder=$STAGE/pkg_config
mkdir -p "$folder"
cd "$folder"
strict="-std=c99 -Wall -Wextra -pedantic -Werror"
points() { grep -aq '^element vertex [1-9]' "$1"; rm "$1"; }

$CC $strict "$SOURCES/tests/consumer/consumer.c" $(pkg-config --cflags --libs depthcloud-c) -o consumer
$EMULATOR ./consumer consumer.ply
points consumer.ply

$CXX -std=c++20 "$SOURCES/examples/cpp/rgbd_to_cloud.cpp" $(pkg-config --cflags --libs depthcloud) -o rgbd
$EMULATOR ./rgbd rgbd.ply
points rgbd.ply

[ "$TORCH" = 1 ] || exit 0
# The networks are found in the moved tree.
$CXX -std=c++20 "$SOURCES/examples/cpp/photo_to_cloud.cpp" $(pkg-config --cflags --libs depthcloud) -o photo
env -u LD_LIBRARY_PATH ./photo "$SOURCES/examples/data/coffee.jpg" photo.ply
points photo.ply
$CC $strict "$SOURCES/examples/c/photo_to_ply.c" $(pkg-config --cflags --libs depthcloud-c) -o photo_to_ply
$EMULATOR ./photo_to_ply "$SOURCES/examples/data/coffee.jpg" photo.ply
points photo.ply
$CC $strict "$SOURCES/examples/c/stream.c" $(pkg-config --cflags --libs depthcloud-c) -o stream
$EMULATOR ./stream "$SOURCES"/examples/data/*.jpg | tee stream.txt
grep -q '^frame 2: a packet of [1-9]' stream.txt
