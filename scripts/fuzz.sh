#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Fuzzes every byte border with libFuzzer, AddressSanitizer and UndefinedBehaviorSanitizer:
# scripts/fuzz.sh [SECONDS per target] [TARGET...]. New inputs go to build/fuzz/corpus; a crash is
# written to build/fuzz and ends the run. CTest replays only the committed seeds.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-60}
shift || true
scripts/install.sh build test
cmake -S . -B build/fuzz -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DCMAKE_C_COMPILER=clang \
  -DCMAKE_CXX_COMPILER=clang++ -DDEPTHCLOUD_TORCH=OFF -DDEPTHCLOUD_CLI=OFF -DDEPTHCLOUD_SERVER=OFF -DDEPTHCLOUD_VIEWER=OFF -DDEPTHCLOUD_TRAINING=OFF \
    -DDEPTHCLOUD_EXAMPLES=OFF \
  -DDEPTHCLOUD_TESTS=OFF -DDEPTHCLOUD_FUZZ=ON -DDEPTHCLOUD_SANITIZE=fuzzer-no-link,address,undefined
targets=("$@")
if [ ${#targets[@]} -eq 0 ]; then
  for source in tests/fuzz/fuzz_*.cpp; do targets+=("$(basename "$source" .cpp)"); done
fi
cmake --build build/fuzz --target "${targets[@]}"
for target in "${targets[@]}"; do
  found=build/fuzz/corpus/${target#fuzz_}
  mkdir -p "$found"
  seeds=("tests/fuzz/corpus/${target#fuzz_}")
  if [ "$target" = fuzz_torch_checkpoint ]; then seeds+=(tests/golden/pickle); fi
  echo "=== $target, $seconds s"
  "build/fuzz/bin/$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
    -max_len=262144 -artifact_prefix=build/fuzz/ -print_final_stats=1 \
    "$found" "${seeds[@]}" 2>&1 | tail -n 12
done
