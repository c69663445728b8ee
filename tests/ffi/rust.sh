#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# rust.sh PROJECT FOLDER LIBRARIES: the Rust example, compiled without crates, and run.
set -euo pipefail
rustc=$(PATH=/usr/bin:$PATH command -v rustc) || { echo "skipped: no rustc"; exit 77; }
program=$2/photo_to_ply_rs
"$rustc" -O --edition 2021 "$1/examples/rust/photo_to_ply.rs" -L "$3" -o "$program"
export LD_LIBRARY_PATH=$3
"$program" "$1/examples/data/coffee.jpg" "$2/rust.ply" | tee "$program.txt"
# The built-in network puts the near end of a scene at about 1.
grep -q '^[1-9][0-9]* points, the nearest at 1\.0[0-9]*$' "$program.txt"
grep -aq '^element vertex [1-9]' "$2/rust.ply"
if "$program" "$1/README.md" "$2/bad.ply" 2> "$program.err"; then exit 1; fi
grep -q 'this is a text file' "$program.err"
"$rustc" --test --edition 2021 "$1/examples/rust/photo_to_ply.rs" -L "$3" -o "$program.tests"
"$program.tests" --quiet
