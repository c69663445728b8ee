// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "options.hpp"

namespace cli {

/// Each returns the exit code and throws what stops the whole command.
int run(const CloudCommand& command);
int run(const DepthCommand& command);
int run(const InfoCommand& command);
int run(const ConvertCommand& command);
int run(const ReplayCommand& command);
int run(const FetchCommand& command);

}  // namespace cli
