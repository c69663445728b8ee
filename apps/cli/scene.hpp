// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "options.hpp"

namespace cli {

/// `cloud --multi-view`: photos of one scene to one cloud in one world frame, and its cameras.
int run_scene(const CloudCommand& command);

}  // namespace cli
