// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <depthcloud/error.hpp>

#include "io/weights_file.hpp"

namespace depthcloud {

/// Names and shapes of the tensors of a checkpoint.
using TensorShapes = std::map<std::string, std::vector<std::int64_t>, std::less<>>;

/// Of every stored tensor; aliases are not among them.
TensorShapes tensor_shapes(const WeightsFile& file);

/// Elements of all tensors together.
std::int64_t count_elements(const TensorShapes& tensors);

/// Whether a tensor's name begins so.
bool has_below(const TensorShapes& tensors, std::string_view prefix);

/// What a checkpoint says of itself beside its tensors.
struct CheckpointNotes {
  std::optional<std::string> config_json{};  ///< the text of config.json, where there is one
  /// The file's name, or the directory's: it alone says what a bare V2 file
  /// ("metric_hypersim", "metric_vkitti") or DA3 file ("metric") measures, and whether a bare file
  /// is of V1 ("depth_anything_vits14") or V2 ("depth_anything_v2_vits").
  std::string file_name{};
  /// The dictionary `model_config` of a PyTorch checkpoint, as JSON.
  std::optional<std::string> model_config{};
};

struct OpenedCheckpoint {
  WeightsFile file;
  CheckpointNotes notes;
};

/// Opens the checkpoint that a source names: a directory, its model.safetensors, or a file of
/// another name, whose config.json is not looked for. Errors as weights_path() and
/// WeightsFile::open(), with the file's name.
OpenedCheckpoint open_checkpoint(const std::string& source);

/// Runs `read`; what is wrong with a file or folder names it.
template <typename Read>
auto naming(const std::filesystem::path& path, Read read) {
  try {
    return read();
  } catch (const Error& error) {
    if (std::string_view(error.what()).find(path.string()) != std::string_view::npos) throw;
    throw Error(error.code(), error.stage(), "'" + path.string() + "': " + error.what());
  }
}

}  // namespace depthcloud
