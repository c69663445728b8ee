// SPDX-License-Identifier: Apache-2.0
#include "message.hpp"

#include <new>

#include <depthcloud/error.hpp>

namespace cli {

std::string message(const std::exception& error) {
  if (const auto* ours = dynamic_cast<const depthcloud::Error*>(&error)) {
    return std::string(to_string(ours->stage())) + ": " + ours->what();
  }
  if (dynamic_cast<const std::bad_alloc*>(&error)) return "out of memory";
  return error.what();
}

}  // namespace cli
