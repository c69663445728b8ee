// SPDX-License-Identifier: Apache-2.0
#include "built_in_pages.hpp"

namespace server {

std::span<const BuiltInPage> built_in_pages() { return {}; }

}  // namespace server
