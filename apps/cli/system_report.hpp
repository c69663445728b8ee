// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "options.hpp"

namespace cli {

/// Returns the report of `depthcloud info`. Without networks and without --model, its "libtorch" is
/// null and "no_networks" states why. Throws depthcloud::Error.
nlohmann::ordered_json system_report(const InfoCommand& command);

}  // namespace cli
