#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Cross-builds the whole library for aarch64 and runs networks once under QEMU's user emulation: the
# built-in one and Depth Anything against its golden tensors. Debian's LibTorch for arm64 cannot be
# installed beside this machine's own, so it is unpacked in a folder.
# check-aarch64-torch.sh [FOLDER], /var/tmp/depthcloud-aarch64 by default; about 2 GB.
set -euo pipefail
cd "$(dirname "$0")/.."
root=${1:-/var/tmp/depthcloud-aarch64}
scripts/install.sh build test aarch64 aarch64-torch

libraries=$root/usr/lib/aarch64-linux-gnu
if [ ! -e "$libraries/libtorch.so" ]; then
  packages=$(awk '$1 == "build" && $2 ~ /^lib|-dev$/ {print $2}' scripts/packages.txt | paste -sd,)
  release=$(. /etc/os-release && echo "$VERSION_CODENAME")
  mmdebstrap --variant=extract --arch=arm64 --include="$packages" "$release" "$root"
fi
# What update-alternatives does when the package is installed.
ln -sf openblas-openmp/{libblas,liblapack}.so.3 openblas-openmp/libopenblas.so.0 "$libraries"

build=build/aarch64-torch
cmake --preset aarch64 -B "$build" -DCMAKE_SYSROOT="$root" -DDEPTHCLOUD_TORCH=ON
cmake --build "$build" --target depthcloud_cli depthcloud_torch_tests
ctest --test-dir "$build" --output-on-failure --no-tests=error -R '^(builtin|depth_anything)$'
qemu-aarch64 -L "$root" "$build/bin/depthcloud" cloud examples/data/coffee.jpg -o "$build/coffee.ply"
