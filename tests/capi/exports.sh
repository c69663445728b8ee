#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# exports.sh LIBRARY LIST: the library exports the functions of LIST and nothing else.
set -euo pipefail
diff -u "$2" <(nm -D --defined-only "$1" | awk '{print $NF}' | LC_ALL=C sort) ||
  { echo "$2 and what the library exports differ: see docs/abi.md"; exit 1; }
