#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# node.sh PROJECT FOLDER: the Node example beside the packages that the build installed in FOLDER.
set -euo pipefail
command -v node > /dev/null || { echo "skipped: no node"; exit 77; }
[ -d "$2/node_modules/koffi" ] || { echo "skipped: koffi could not be installed"; exit 77; }
cp "$1"/examples/node/*.mjs "$1/tests/ffi/node_arguments.mjs" "$2"
cd "$2"
node photo_to_ply.mjs "$1/examples/data/coffee.jpg" node.ply | tee out.txt
# The built-in network puts the near end of a scene at about 1.
grep -q '^[1-9][0-9]* points, the nearest at 1\.0[0-9]*$' out.txt
grep -aq '^element vertex [1-9]' node.ply
if node photo_to_ply.mjs package.json bad.ply 2> error.txt; then exit 1; fi
grep -q 'this is a JSON file' error.txt
for library in no/such.so libc.so.6; do
  if DEPTHCLOUD_LIBRARY=$library node photo_to_ply.mjs package.json bad.ply 2> error.txt; then exit 1; fi
  [ "$(wc -l < error.txt)" = 1 ]
  grep -q 'DEPTHCLOUD_LIBRARY=' error.txt
done
if node photo_to_ply.mjs 2> error.txt; then exit 1; fi
grep -q '^usage: ' error.txt
node node_arguments.mjs
