// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <depthcloud/intrinsics.hpp>

namespace server {

/// A camera that the server opens itself.
struct SourceOptions {
  std::string name;  ///< letters, digits and - . _
  std::string uri;   ///< of depthcloud::VideoSource; may hold a password
  /// World to camera; nothing: as the network says, else in the middle of the world.
  std::optional<depthcloud::Extrinsics> extrinsics{};
};

/// Reads the values of --source, each URI or NAME=URI; the n-th without a name is "source-n".
/// Throws UsageError, which does not hold the URI.
std::vector<SourceOptions> parse_sources(const std::vector<std::string>& texts);

/// Reads the file of --source-poses, a JSON object {"NAME": [12 numbers]}, into the sources. Throws
/// UsageError that names the file and the entry at fault.
void read_source_poses(const std::string& path, std::vector<SourceOptions>& sources);

}  // namespace server
