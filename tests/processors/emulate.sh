#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# emulate.sh QEMU CPU PROGRAM [ARGUMENT...]: runs a program on an emulated processor.
set -euo pipefail
qemu=$1 cpu=$2
shift 2
[ -x "$qemu" ] || { echo "skipped: no qemu-x86_64 (package qemu-user)"; exit 77; }
# It warns of each feature that it cannot emulate, which no program then sees.
exec "$qemu" -cpu "$cpu" "$@" 2> >(grep -v "^qemu-x86_64: warning: TCG doesn't support" >&2)
