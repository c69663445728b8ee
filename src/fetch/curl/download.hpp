// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fetch/fetch_library.hpp"

namespace depthcloud {

/// Brings one file to its folder, see fetch_model().
FetchedFile download(const DownloadRequest& request);

}  // namespace depthcloud
