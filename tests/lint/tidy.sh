#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# tidy.sh CLANG_TIDY BUILD: clang-tidy over the sources that need no LibTorch, as BUILD compiled them.
set -euo pipefail
[ -x "$1" ] || { echo "skipped: clang-tidy-14 is not installed"; exit 77; }
[ -f "$2/compile_commands.json" ] || { echo "skipped: no compile_commands.json"; exit 77; }
# clang cannot read what gcc precompiled.
mkdir -p "$2/tidy"
sed -E 's/ -Winvalid-pch//; s/ -include [^ ]*cmake_pch\.hxx//' "$2/compile_commands.json" \
  >"$2/tidy/compile_commands.json"
torch='#include [<"](ATen|torch|c10)|core/torch_|depthcloud/torch.hpp|depth/backend'
# Whether -L has a match to report is the exit status of some greps and not of others.
sources=$(find src capi examples/cli -name '*.cpp' -exec grep -LE "$torch" {} + || true)
# Standard error only counts the warnings of other people's headers.
echo "$sources" | xargs -P "$(nproc)" -n 1 "$1" --quiet -p "$2/tidy" 2>/dev/null
