#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs every benchmark and every rival, interleaved in one run, and writes build/bench/results.json
# and the table in bench/README.md. scripts/bench.sh [ROUNDS], 5 by default.
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=${1:-5}
scripts/install.sh build bench
cmake --preset release >/dev/null
cmake --build --preset release --target depthcloud_bench depthcloud_c

rm -rf build/bench/runs
mkdir -p build/bench/runs
/usr/bin/python3 bench/motorcycle.py build/bench
export DEPTHCLOUD_BENCH_MOTORCYCLE=build/bench
bench/videos.sh build/bench/videos
export DEPTHCLOUD_BENCH_VIDEOS=build/bench/videos
# One thread for every contender, two for the networks, which ask for them.
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
reference_blas=/usr/lib/$(uname -m)-linux-gnu/blas/libblas.so.3
for round in $(seq "$rounds"); do
  echo "=== round $round of $rounds"
  build/bin/depthcloud_bench --benchmark_enable_random_interleaving=true \
    --benchmark_repetitions=9 --benchmark_min_time=0.05 --benchmark_format=json \
    >"build/bench/runs/$round-cpp.json"
  # The network again, with the slowest of all matrix libraries in the place of the installed one.
  if [ -e "$reference_blas" ]; then
    LD_PRELOAD=$reference_blas build/bin/depthcloud_bench --benchmark_format=json \
      --benchmark_filter='depth_anything/da3_small_504x378/depthcloud(_bf16|_int8)?/' \
      --benchmark_repetitions=9 --benchmark_min_time=0.05 |
      sed -E 's#(504x378/depthcloud(_bf16|_int8)?)/#\1_reference_blas/#' >"build/bench/runs/$round-blas.json"
  fi
  for rival in bench/rivals/*.py; do
    /usr/bin/python3 "$rival" --repetitions 9 >"build/bench/runs/$round-$(basename "$rival" .py).jsonl"
  done
done
/usr/bin/python3 bench/make_table.py build/bench/runs build/bench/results.json bench/README.md
