// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stop_token>

#include <depthcloud/error.hpp>

namespace depthcloud {

/// Throws Error{cancelled} once a stop was requested: for the places between the parts of a pass.
inline void throw_if_stopped(const std::stop_token& stop) {
  if (!stop.stop_requested()) return;
  throw Error(ErrorCode::cancelled, Stage::infer, "the estimator was stopped");
}

}  // namespace depthcloud
