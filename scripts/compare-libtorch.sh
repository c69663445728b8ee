#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Depth Anything 3 small with the LibTorch of Debian 12 and that of Debian 13: builds what is committed
# in check-fresh.sh's roots, where a build is continued, runs both interleaved and prints the table for
# docs/models.md. Needs root, and a machine with nothing else to do.
# scripts/compare-libtorch.sh [ROUNDS], 10 by default.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/bare_root.sh
rounds=${1:-10}
for release in 12 13; do
  make_root "$release" "/var/tmp/depthcloud-fresh-$release" git,ca-certificates
  update_checkout
  in_root "cd /checkout && scripts/install.sh build viewer && cmake --preset release >/dev/null &&
    cmake --build --preset release --target depthcloud_bench depthcloud_cli"
  /usr/bin/python3 tests/depth/depth_anything/make_checkpoint.py da3-small "$root/checkout/build/da3-small"
done
/usr/bin/python3 bench/compare_libtorch.py "$rounds" "${roots[@]}"
