#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Cross-builds for aarch64 what needs no LibTorch, on Debian, and runs its tests under QEMU's user
# emulation. Arguments go to CTest, for instance: scripts/test-aarch64.sh -R image
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/install.sh build test aarch64
cmake --preset aarch64
cmake --build --preset aarch64
ctest --preset aarch64 "$@"
