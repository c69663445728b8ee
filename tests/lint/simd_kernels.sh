#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# simd_kernels.sh: fails, and names the source, unless every source of SIMD kernels, src/FOLDER/STEM.cpp,
# is run on all of its targets by tests/FOLDER/STEM_test.cpp.
set -euo pipefail
sources=$(grep -rl --include='*.cpp' '<hwy/foreach_target.h>' src)
status=0
for source in $sources; do
  stem=$(basename "$source" .cpp)
  test=tests/${source#src/}
  test=${test%.cpp}_test.cpp
  if ! grep -qs "on_every_simd_target(depthcloud::${stem}_targets()," "$test"; then
    echo "$source: $test lacks on_every_simd_target(depthcloud::${stem}_targets(), ...)"
    status=1
  fi
done
exit $status
