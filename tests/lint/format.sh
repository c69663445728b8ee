#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# format.sh CLANG_FORMAT: fails, and shows where, unless every C and C++ source is formatted. Each version
# formats a little differently; version 14 decides.
set -euo pipefail
[ -x "$1" ] || { echo "skipped: the formatting is that of clang-format-14, which is not installed"; exit 77; }
find include src capi apps training examples tests bench -name '*.cpp' -o -name '*.hpp' -o -name '*.h' -o -name '*.c' |
  xargs "$1" --dry-run --Werror
