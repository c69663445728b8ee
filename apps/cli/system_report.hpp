// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "options.hpp"

namespace cli {

/// The report of `depthcloud info`. Without networks, and without a model asked for, its "libtorch"
/// and "model" are null. Throws depthcloud::Error.
nlohmann::ordered_json system_report(const InfoCommand& command);

}  // namespace cli
