#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What depthcloud-server adds to its stages, and its latency under load: scripts/bench-server.sh [SECONDS]
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/install.sh build test
cmake --preset release >/dev/null
cmake --build --preset release --target depthcloud_server depthcloud_load_client
DEPTHCLOUD_SERVER=build/bin/depthcloud-server DEPTHCLOUD_LOAD_CLIENT=build/bin/depthcloud_load_client \
  DEPTHCLOUD_SAMPLE_PHOTO=examples/data/coffee.jpg /usr/bin/python3 bench/apps/server/server_bench.py "$@"
