#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing, builds everything and runs all tests but those labelled `long`, which CI
# adds. Arguments go to CTest in the place of that choice, for instance: scripts/test.sh -R image
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/install.sh build viewer test
cmake --preset release
cmake --build --preset release
[ $# -gt 0 ] || set -- -LE long
ctest --preset release "$@"
