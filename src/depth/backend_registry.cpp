// SPDX-License-Identifier: Apache-2.0
#include "depth/backend_registry.hpp"

#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include <depthcloud/error.hpp>

namespace depthcloud {

extern const BackendEntry builtin_backend;
extern const BackendEntry constant_backend;
extern const BackendEntry depth_anything_backend;
extern const BackendEntry torchscript_backend;

std::span<const BackendEntry* const> backends() {
  static constexpr const BackendEntry* all[] = {
      &builtin_backend,
      &constant_backend,
      &depth_anything_backend,
      &torchscript_backend,
  };
  return all;
}

const BackendEntry& find_backend(const std::string& source) {
  for (const BackendEntry* backend : backends()) {
    if (backend->reads(source)) return *backend;
  }
  constexpr const char* kinds =
      "builtin, constant[:METRES[,DELAY_MS]], a Depth Anything directory or FILE.safetensors, or a "
      "TorchScript FILE.pt";
  std::error_code failure;
  if (std::filesystem::exists(source, failure)) {
    throw Error(ErrorCode::unsupported, Stage::load,
                fmt::format("no backend reads '{}' ({})", source, kinds));
  }
  throw Error(ErrorCode::not_found, Stage::load,
              fmt::format("no such model: '{}' ({})", source, kinds));
}

}  // namespace depthcloud
