// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <exception>
#include <vector>

#include "file_error.hpp"
#include "inputs.hpp"
#include "message.hpp"
#include "progress.hpp"

namespace cli {

/// Makes what each job says; one that fails is reported, and the others go on. The exit code.
template <typename Make>
int run_each(const std::vector<Job>& jobs, Progress& progress, Make&& make) {
  std::size_t failures = 0;
  for (const Job& job : jobs) {
    try {
      progress.done(with_file(job.pair.name(), [&] { return make(job); }));
    } catch (const std::exception& error) {
      ++failures;
      progress.failed("depthcloud: " + message(error));
    }
  }
  return failures == 0 ? 0 : 1;
}

}  // namespace cli
