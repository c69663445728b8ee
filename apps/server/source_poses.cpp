// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <depthcloud/error.hpp>
#include <depthcloud/files.hpp>

#include "client_options.hpp"
#include "in_quotes.hpp"
#include "options.hpp"
#include "source_options.hpp"

namespace server {
namespace {

nlohmann::json read_object(const std::string& path) {
  nlohmann::json poses = nlohmann::json::parse(depthcloud::read_file(path), nullptr, false);
  if (poses.is_object()) return poses;
  throw UsageError(fmt::format(
      "--source-poses {}: the file is a JSON object with 12 numbers for each name", path));
}

}  // namespace

void read_source_poses(const std::string& path, std::vector<SourceOptions>& sources) {
  try {
    const nlohmann::json poses = read_object(path);
    for (const auto& [name, matrix] : poses.items()) {
      const auto source = std::ranges::find(sources, name, &SourceOptions::name);
      if (source == sources.end()) {
        throw UsageError(
            fmt::format("--source-poses {}: there is no --source {}", path, in_quotes(name)));
      }
      try {
        source->extrinsics = read_extrinsics(matrix);
      } catch (const depthcloud::Error& error) {
        throw UsageError(fmt::format("--source-poses {}: {}: {}", path, name, error.what()));
      }
    }
  } catch (const depthcloud::Error& error) {
    throw UsageError(fmt::format("--source-poses {}: {}", path, error.what()));
  }
}

}  // namespace server
