#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds each program from scratch and alone: the libraries are built and installed without programs, and
# each program then against them in a build folder of its own. scripts/check-apps.sh [FOLDER]
set -euo pipefail
cd "$(dirname "$0")/.."
folder=${1:-build/apps-alone}
scripts/install.sh build
rm -rf "$folder"
mkdir -p "$folder"
prefix=$(cd "$folder" && pwd)/prefix

off=(-DDEPTHCLOUD_CLI=OFF -DDEPTHCLOUD_SERVER=OFF -DDEPTHCLOUD_VIEWER=OFF)
cmake -S . -B "$folder/library" -G Ninja -DCMAKE_BUILD_TYPE=Release -DDEPTHCLOUD_WERROR=ON "${off[@]}" \
  -DDEPTHCLOUD_TRAINING=OFF -DDEPTHCLOUD_EXAMPLES=OFF -DDEPTHCLOUD_TESTS=OFF -DCMAKE_INSTALL_PREFIX="$prefix"
cmake --build "$folder/library"
cmake --install "$folder/library" > /dev/null
for program in CLI SERVER VIEWER; do
  cmake -S apps -B "$folder/$program" -G Ninja -DCMAKE_BUILD_TYPE=Release -DDEPTHCLOUD_WERROR=ON "${off[@]}" \
    -DDEPTHCLOUD_$program=ON -DCMAKE_PREFIX_PATH="$prefix"
  cmake --build "$folder/$program"
done

"$folder/CLI/cli/depthcloud" --version
"$folder/CLI/cli/depthcloud" cloud examples/data/coffee.jpg -o "$folder/coffee.ply"
"$folder/CLI/cli/depthcloud" fetch --list
"$folder/SERVER/server/depthcloud-server" --version
[ -s "$folder/VIEWER/viewer/dist/index.html" ]
echo "Each program builds alone."
