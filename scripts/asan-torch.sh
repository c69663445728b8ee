#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The networks under GCC's AddressSanitizer and UndefinedBehaviorSanitizer, with the system's LibTorch:
# the test programs that link it, among them every network on its micro checkpoint and the C API. By
# hand, since building and running take long. Arguments go to the C++ tests, and then only those run:
# asan-torch.sh --test-suite=depth_anything
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/install.sh build
cmake --preset asan-torch >/dev/null
cmake --build build/asan-torch --target depthcloud_torch_tests depthcloud_capi_torch_tests
# Tests ask for more memory than there is, and mean to be told. GCC's operator new under AddressSanitizer
# ends the program in place of throwing bad_alloc, so the case that takes this way is left out. There is
# nothing to suppress: LeakSanitizer finds no leak in LibTorch either.
# The second option: up to GCC 13, the sanitizer takes some blocks of thread-local storage for those of a glibc
# before 2.25, and the search for leaks then crashes (https://reviews.llvm.org/D147459).
export ASAN_OPTIONS=allocator_may_return_null=1:intercept_tls_get_addr=0
# Threads of LibTorch that spin between two operations cost more than the sanitizers.
export OMP_WAIT_POLICY=passive
build/asan-torch/bin/depthcloud_torch_tests \
  --test-case-exclude="a warm-up that memory cannot hold is an error" "$@"
[ $# = 0 ] || exit 0
ctest --test-dir build/asan-torch -R '^(threads|threads_of_environment|capi_torch_.*)$' --output-on-failure
