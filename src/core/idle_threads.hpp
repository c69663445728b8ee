// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace depthcloud {

/// Lets the threads of GCC's OpenMP sleep soon after their work. By default they spin for
/// milliseconds first, which costs other threads their time where processors are busy. OpenMP reads
/// GOMP_SPINCOUNT when it is loaded; so call this before. Sets the variable in the environment of
/// this process unless it or OMP_WAIT_POLICY is set, or the library `openmp` is loaded already.
/// Thread-safe beside threads that read the environment, not beside those that change it.
void let_idle_threads_sleep(const char* openmp = "libgomp.so.1");

}  // namespace depthcloud
