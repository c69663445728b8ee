// SPDX-License-Identifier: Apache-2.0
#include <depthcloud/view_aligner.hpp>

#include <fmt/format.h>

#include <depthcloud/error.hpp>

namespace depthcloud {

void validate(const AlignOptions& options) {
  if (options.window < Clock::duration::zero()) {
    throw Error(ErrorCode::invalid_argument, Stage::control, "the align window is negative");
  }
  if (options.buffer_size < 1) {
    throw Error(
        ErrorCode::invalid_argument, Stage::control,
        fmt::format("the align buffer holds {} frames, must hold at least 1", options.buffer_size));
  }
}

}  // namespace depthcloud
