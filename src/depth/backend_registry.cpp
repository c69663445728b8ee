// SPDX-License-Identifier: Apache-2.0
#include "depth/backend_registry.hpp"

#include <algorithm>
#include <array>
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

namespace {

/// By its name alone: such a file is not even opened.
bool is_pickle(std::string_view source) {
  constexpr std::array<std::string_view, 5> suffixes = {".pth", ".bin", ".ckpt", ".pkl", ".pickle"};
  return std::any_of(suffixes.begin(), suffixes.end(),
                     [&](std::string_view suffix) { return source.ends_with(suffix); });
}

}  // namespace

const BackendEntry& find_backend(const std::string& source) {
  for (const BackendEntry* backend : backends()) {
    if (backend->reads(source)) return *backend;
  }
  constexpr const char* kinds =
      "builtin, constant[:METRES[,DELAY_MS]], a Depth Anything directory or FILE.safetensors, or a "
      "TorchScript FILE.pt";
  std::error_code failure;
  if (is_pickle(source)) {
    throw Error(ErrorCode::unsupported, Stage::load,
                fmt::format("'{}' is a Python pickle, a program that is never run here: take the "
                            "publisher's .safetensors, or convert it with "
                            "safetensors.torch.save_file in Python",
                            source));
  }
  if (std::filesystem::exists(source, failure)) {
    throw Error(ErrorCode::unsupported, Stage::load,
                fmt::format("no backend reads '{}' ({})", source, kinds));
  }
  throw Error(ErrorCode::not_found, Stage::load,
              fmt::format("no such model: '{}' ({})", source, kinds));
}

}  // namespace depthcloud
