// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <depthcloud/estimator.hpp>

#include "options.hpp"

namespace cli {

/// What to say of flags that were given and have nothing to act on; a line each, with the reason.
std::vector<std::string> inert_flags(const CloudCommand& command);

std::vector<std::string> inert_flags(const DepthCommand& command);
std::vector<std::string> inert_flags(const InfoCommand& command);
std::vector<std::string> inert_flags(const ConvertCommand& command);
std::vector<std::string> inert_flags(const ReplayCommand& command);

/// The same of those that only a model makes so.
std::vector<std::string> inert_flags(const NetworkOptions& network,
                                     const depthcloud::ModelInfo& model);

/// The same of the filters by confidence, where there is none.
std::vector<std::string> inert_confidence_flags(const GivenFlags& given, const std::string& reason);

}  // namespace cli
