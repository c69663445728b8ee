// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>

#include <depthcloud/error.hpp>

/// Whether a program exits with 2: its command line was refused (`Usage`), or the library refused
/// one of the options while it loaded the model.
template <typename Usage>
bool is_usage_error(const std::exception& error) {
  if (dynamic_cast<const Usage*>(&error)) return true;
  const auto* ours = dynamic_cast<const depthcloud::Error*>(&error);
  return ours && ours->code() == depthcloud::ErrorCode::invalid_argument &&
         ours->stage() == depthcloud::Stage::load;
}
