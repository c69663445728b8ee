// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <depthcloud/stage.hpp>

namespace depthcloud {

/// Takes the stages of a pass of the networks from `pass`; the others stay.
inline void set_pass_times(StageTimes& times, const StageTimes& pass) {
  for (const Stage stage : {Stage::preprocess, Stage::infer, Stage::metric}) {
    times[stage] = pass[stage];
  }
}

}  // namespace depthcloud
