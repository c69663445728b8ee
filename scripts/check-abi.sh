#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Compares the ABI of libdepthcloud_c with that of the last release, which capi/abi keeps for each
# architecture: check-abi.sh. What docs/abi.md allows is shown and passes, everything else fails.
# Writes the ABI as it is there, with each release: check-abi.sh --write.
# --library FILE (with debug information; built in build/abi unless given), --headers FOLDER and
# --baseline FOLDER name others. Exit code 77: there is nothing to compare, or no abidiff.
set -euo pipefail
cd "$(dirname "$0")/.."
write=0 library="" headers=capi/include baseline=capi/abi/$(gcc -dumpmachine)
while [ $# -gt 0 ]; do
  case $1 in
    --write) write=1; shift ;;
    --library) library=$2; shift 2 ;;
    --headers) headers=$2; shift 2 ;;
    --baseline) baseline=$2; shift 2 ;;
    *) echo "check-abi.sh [--write] [--library FILE] [--headers FOLDER] [--baseline FOLDER]" >&2; exit 2 ;;
  esac
done
if ! { command -v abidw && command -v abidiff; } >/dev/null; then
  echo "skipped: no abidiff: 'apt-get install abigail-tools'"
  exit 77
fi
if [ "$write" = 0 ] && [ ! -d "$baseline" ]; then
  echo "skipped: no $baseline to compare with: 'scripts/check-abi.sh --write' makes it, see docs/abi.md"
  exit 77
fi
if [ -z "$library" ]; then
  # The networks do not show in the ABI. A debug build describes it best, and is the quickest.
  cmake -S . -B build/abi -G Ninja -DCMAKE_BUILD_TYPE=Debug -DDEPTHCLOUD_TORCH=OFF \
    -DDEPTHCLOUD_CLI=OFF -DDEPTHCLOUD_SERVER=OFF -DDEPTHCLOUD_VIEWER=OFF -DDEPTHCLOUD_TRAINING=OFF \
    -DDEPTHCLOUD_EXAMPLES=OFF -DDEPTHCLOUD_TESTS=OFF >/dev/null
  cmake --build build/abi --target depthcloud_c
  library=build/abi/capi/libdepthcloud_c.so
fi
described=$(mktemp -d)
trap 'rm -r "$described"' EXIT
# Of what the headers declare, and nothing of the place where it was built: the same library gives the
# same description everywhere.
describe() {
  abidw --headers-dir "$headers" --drop-private-types --no-show-locs --no-corpus-path --no-comp-dir-path \
    --no-elf-needed "$@"
}
describe --exported-interfaces-only --out-file "$described/library.abi" "$library"
if ! grep -q '<parameter' "$described/library.abi"; then
  echo "skipped: $library has no debug information about types: build it with -g"
  exit 77
fi
# Functions take enumerators as plain integers, so no function leads to them: a library that is the
# headers alone, with all that they declare.
{ find "$(realpath "$headers")" -name '*.h' -printf '#include "%p"\n'; echo 'int a_symbol;'; } |
  gcc -x c -g -fno-eliminate-unused-debug-types -shared -fPIC -o "$described/headers.so" -
describe --load-all-types --out-file "$described/headers.abi" "$described/headers.so"
rm "$described/headers.so"

if [ "$write" = 1 ]; then
  mkdir -p "$baseline"
  mv "$described"/*.abi "$baseline"
  echo "wrote $baseline"
  exit 0
fi
/usr/bin/python3 scripts/abi_promises.py "$baseline" "$described"
