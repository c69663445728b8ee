#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# tidy.sh CLANG_TIDY BUILD: clang-tidy over the sources that need no LibTorch, as BUILD compiled them.
set -euo pipefail
[ -x "$1" ] || { echo "skipped: clang-tidy-14 is not installed"; exit 77; }
[ -f "$2/compile_commands.json" ] || { echo "skipped: no compile_commands.json"; exit 77; }
# clang cannot read what gcc precompiled, and does not know each of its warnings.
mkdir -p "$2/tidy"
sed -E 's/ -Winvalid-pch//; s/ -Wno-maybe-uninitialized//; s/ -include [^ ]*cmake_pch\.hxx//' "$2/compile_commands.json" \
  >"$2/tidy/compile_commands.json"
torch='#include [<"](ATen|torch|c10)|depth/backend/(backend|registry|torch_)|depthcloud/torch.hpp'
folders=(src capi apps/cli)
if grep -q apps/server/session.cpp "$2/compile_commands.json"; then folders+=(apps/server); fi
# Whether -L has a match to report is the exit status of some greps and not of others.
sources=$(find "${folders[@]}" -name '*.cpp' -exec grep -LE "$torch" {} + || true)
# Sources that this build leaves out are read with a neighbour's flags, which may lack our own folder.
# Standard error only counts the warnings of other people's headers.
tidy() {
  xargs -r -P "$(nproc)" -n 1 "$program" --quiet -p "$build/tidy" --extra-arg="-I$PWD/src" "$@" \
    2>/dev/null
}
program=$1 build=$2
echo "$sources" | grep -v '^apps/server/' | tidy
# The analyzer's walk through Boost would take longer than all else together.
echo "$sources" | { grep '^apps/server/' || true; } | tidy '--checks=-clang-analyzer-*'
