#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing, builds the command line and turns the sample photos (or those named
# as arguments) into coloured point clouds and depth pictures in build/demo.
set -euo pipefail
cd "$(dirname "$0")/.."
photos=("$@")
[ ${#photos[@]} -gt 0 ] || photos=(examples/data/*.jpg)

scripts/install.sh build
cmake --preset release >/dev/null
cmake --build --preset release --target depthcloud_cli

mkdir -p build/demo
for photo in "${photos[@]}"; do
  name=build/demo/$(basename "${photo%.*}")
  build/bin/depthcloud cloud "$photo" -o "$name.ply"
  build/bin/depthcloud depth "$photo" -o "$name-depth.png"
done
echo
echo "Open the .ply files in MeshLab, CloudCompare or Blender:"
ls -l build/demo
