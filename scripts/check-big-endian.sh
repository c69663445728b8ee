#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Proves that no library comes out that writes files and messages in the wrong byte order: a build for
# s390x is refused by CMake, and by the compiler in every source that takes values as they lie in memory.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/install.sh build big-endian
folder=build/big-endian
mkdir -p "$folder"

# refused MESSAGE COMMAND...: the command fails and says why.
refused() {
  local message=$1
  shift
  if "$@" > "$folder/log" 2>&1; then echo "not refused: $*" >&2; exit 1; fi
  grep -m 1 -A 4 "$message" "$folder/log" || { cat "$folder/log" >&2; exit 1; }
}

refused "depthcloud is for little-endian processors" \
  cmake --fresh -S . -B "$folder/cmake" -G Ninja -DCMAKE_SYSTEM_NAME=Linux \
  -DCMAKE_SYSTEM_PROCESSOR=s390x -DCMAKE_C_COMPILER=s390x-linux-gnu-gcc \
  -DCMAKE_CXX_COMPILER=s390x-linux-gnu-g++
for source in $(grep -rl 'endian::native' src); do
  # The headers of the other dependencies are the same on every processor.
  refused "static assertion failed" s390x-linux-gnu-g++ -std=c++20 -fsyntax-only -Iinclude -Isrc \
    -DMSGPACK_NO_BOOST -idirafter /usr/include "$source"
done
echo "A big-endian build is refused."
