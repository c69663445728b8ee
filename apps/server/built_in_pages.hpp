// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

namespace server {

struct BuiltInPage {
  std::string_view path;  ///< in a URL, for instance "/index.html"
  std::string_view bytes;
};

/// The viewer's files that the build found; see embed_pages.cmake.
std::span<const BuiltInPage> built_in_pages();

}  // namespace server
