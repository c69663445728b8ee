// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <depthcloud/error.hpp>

#include "fetch/curl/partial_file.hpp"
#include "fetch/fetch_library.hpp"

namespace depthcloud {

/// What one request brought.
struct Transfer {
  std::optional<std::uint64_t> size;  ///< of the whole file, as the servers say
  std::string hub_hash;               ///< as Response::hub_hash
  /// Why the file is not whole yet; a further request may complete it.
  std::optional<Error> interruption;
};

/// Asks once for what is missing of a file and appends it. Where the content is no longer that of
/// which a part is there, the part is replaced. Throws Error for what a further request would not
/// mend.
Transfer request_rest(const DownloadRequest& request, PartialFile& partial);

}  // namespace depthcloud
