// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace depthcloud {

/// Where pictures come from, as a user names it.
struct SourceAddress {
  enum class Kind { file, network, camera, test };

  Kind kind = Kind::file;
  std::filesystem::path file{};  ///< of a file, or the device of a camera
  std::string uri{};             ///< of the network
  int width = 640;               ///< of the test pattern
  int height = 480;
  double fps = 30;
};

/// Throws Error{not_found} if there is no such file or device, Error{unsupported} if it is a
/// folder, a file that is known to be no video, a URI of another kind, Error{corrupt_data} if it is
/// empty, Error{io}, Error{invalid_argument} for a test pattern that cannot be. Thread-safe.
SourceAddress parse_source_address(std::string_view uri);

}  // namespace depthcloud
