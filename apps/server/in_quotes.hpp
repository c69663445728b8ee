// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace server {

/// A stranger's text as it may stand in a log line or an answer: in double quotes, one line of
/// printable ASCII (the rest as \xNN), shortened to 100 characters.
std::string in_quotes(std::string_view text);

}  // namespace server
