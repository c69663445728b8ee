// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace depthcloud {

/// Returns the scheme of a URI in lower case, "rtsp" of "rtsp://..."; empty for a path. One letter
/// is no scheme. Thread-safety of this header: share freely.
std::string uri_scheme(std::string_view uri);

/// Returns the password in a URI as it is written there; empty: it has none.
std::string_view uri_password(std::string_view uri);

/// Returns whether two hexadecimal digits follow each percent sign.
bool is_percent_encoded(std::string_view text);

/// Returns the text with its percent signs decoded; one that no digits follow stays.
std::string percent_decoded(std::string_view text);

/// Returns a text with the password of this URI replaced, wherever it stands, as written and with
/// its percent signs decoded.
std::string without_password_of(std::string_view uri, std::string text);

}  // namespace depthcloud
