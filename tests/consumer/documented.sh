#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The lines of docs/library.md that install and use pkg-config, as they stand, in a folder that holds what a
# checkout holds. Without LibTorch the program in C is only started.
set -euo pipefail
folder=$STAGE/documented
rm -rf "$folder"
mkdir -p "$folder/home" "$folder/bin"
ln -s "$BUILD" "$folder/build"
ln -s "$SOURCES/examples" "$folder/examples"
for name in cc:$CC c++:$CXX cmake:$CMAKE; do ln -s "${name#*:}" "$folder/bin/${name%%:*}"; done

# The sh blocks that call pkg-config.
awk '/^```sh$/ { block = ""; inside = 1; next }
     /^```$/ { if (inside && block ~ /pkg-config/) printf "%s", block; inside = 0 }
     inside { block = block $0 "\n" }' "$SOURCES/docs/library.md" > "$folder/lines.sh"
grep -q 'rpath' "$folder/lines.sh"
cd "$folder"
[ "$TORCH" = 1 ] || sed -i 's/^\.\/photo_to_ply .*/.\/photo_to_ply || [ $? = 2 ]/' lines.sh
env -u LD_LIBRARY_PATH -u DEPTHCLOUD_TORCH_LIBRARY HOME="$folder/home" PATH="$folder/bin:$PATH" \
  bash -euxo pipefail lines.sh
grep -aq '^element vertex 307200' rgbd.ply
[ "$TORCH" = 0 ] || grep -aq '^element vertex [1-9]' photo.ply
