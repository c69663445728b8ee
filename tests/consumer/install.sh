#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs, moves the tree elsewhere, and looks whether it is whole and names no place of this build.
set -euo pipefail
rm -rf "$STAGE/installed" "$TREE"
components=(runtime dev tools)
[ "$TORCH" = 0 ] || components+=(networks)
for component in "${components[@]}"; do
  "$CMAKE" --install "$BUILD" --prefix "$STAGE/installed" --component "$component" > /dev/null
done
mv "$STAGE/installed" "$TREE"
cd "$TREE"

for file in bin/depthcloud include/depthcloud/depthcloud.h include/depthcloud/depthcloud.hpp \
  include/depthcloud/detail/frame_gate.hpp "$LIBDIR"/libdepthcloud_core.a \
  "$LIBDIR"/libdepthcloud_c.so "$LIBDIR"/cmake/depthcloud/depthcloud-config.cmake \
  "$LIBDIR"/pkgconfig/depthcloud.pc "$LIBDIR"/pkgconfig/depthcloud-c.pc; do
  [ -e "$file" ] || { echo "not installed: $file"; exit 1; }
done
for doc in share/doc/*; do
  grep -q 'Apache License' "$doc/copyright"
  grep -q 'msgpack-c' "$doc/THIRD_PARTY_NOTICES"
done
if grep -rlF -e "$STAGE" -e "$BUILD" "$LIBDIR/cmake" "$LIBDIR/pkgconfig" include; then
  echo "these files name a folder of the build"
  exit 1
fi
