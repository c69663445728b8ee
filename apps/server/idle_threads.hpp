// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace server {

/// Lets the threads of GCC's OpenMP sleep soon after their work. By default they first spin for
/// milliseconds, for which the thread that serves the network waits where cores are few. The
/// library reads that setting before main() begins: so the program starts itself anew with
/// GOMP_SPINCOUNT set, unless this or OMP_WAIT_POLICY is set already. Where it cannot, nothing
/// changes. Call it before any other thread or file exists.
void let_idle_threads_sleep(char** argv);

}  // namespace server
