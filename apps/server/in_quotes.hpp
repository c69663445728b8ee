// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace server {

/// Returns untrusted text for a log line or an answer: in double quotes, one line of printable
/// ASCII (the rest as \xNN), shortened to 100 characters.
std::string in_quotes(std::string_view text);

}  // namespace server
