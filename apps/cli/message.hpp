// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <string>

namespace cli {

/// One line on what went wrong, with the stage where the library says it.
std::string message(const std::exception& error);

}  // namespace cli
