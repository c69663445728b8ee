// SPDX-License-Identifier: Apache-2.0
#include <depthcloud/version.hpp>

namespace depthcloud {

const char* version() noexcept { return DEPTHCLOUD_VERSION; }

}  // namespace depthcloud
