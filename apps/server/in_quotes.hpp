// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace server {

/// Returns untrusted text for a log line or an answer: in double quotes, one line of printable
/// ASCII (the rest as \xNN), shortened to `longest` characters.
std::string in_quotes(std::string_view text, std::size_t longest = 100);

}  // namespace server
