// SPDX-License-Identifier: Apache-2.0
#include "depth/nn/checkpoint.hpp"

#include <system_error>
#include <utility>

#include <depthcloud/files.hpp>

namespace depthcloud {
namespace {

constexpr const char* weights_file = "model.safetensors";
constexpr const char* config_file = "config.json";

}  // namespace

TensorShapes tensor_shapes(const WeightsFile& file) {
  TensorShapes shapes;
  for (const std::string_view name : file.names()) {
    const auto tensor = file.find(name);
    shapes.emplace(name, std::vector<std::int64_t>(tensor->shape.begin(), tensor->shape.end()));
  }
  return shapes;
}

std::int64_t count_elements(const TensorShapes& tensors) {
  std::int64_t total = 0;
  for (const auto& [name, shape] : tensors) {
    std::int64_t count = 1;
    for (const std::int64_t size : shape) count *= size;
    total += count;
  }
  return total;
}

bool has_below(const TensorShapes& tensors, std::string_view prefix) {
  const auto first = tensors.lower_bound(prefix);
  return first != tensors.end() && first->first.starts_with(prefix);
}

OpenedCheckpoint open_checkpoint(const std::string& source) {
  const std::filesystem::path path(source);
  std::error_code failure;
  const bool directory = std::filesystem::is_directory(path, failure);
  const std::filesystem::path weights = weights_path(path);
  WeightsFile file = naming(weights, [&] { return WeightsFile::open(weights); });

  CheckpointNotes notes;
  const std::filesystem::path config = weights.parent_path() / config_file;
  if ((directory || weights.filename() == weights_file) &&
      std::filesystem::exists(config, failure)) {
    const auto text = read_file(config);
    notes.config_json = std::string(text.begin(), text.end());
  }
  const std::filesystem::path named = directory ? std::filesystem::absolute(path / ".") : path;
  notes.file_name = directory ? named.parent_path().filename().string() : path.stem().string();
  const auto stated = file.metadata().find("model_config");
  if (stated != file.metadata().end()) notes.model_config = stated->second;
  return {std::move(file), std::move(notes)};
}

}  // namespace depthcloud
