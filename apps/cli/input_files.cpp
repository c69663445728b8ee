// SPDX-License-Identifier: Apache-2.0
#include "input_files.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "cloud_format.hpp"
#include "inputs.hpp"
#include "options.hpp"
#include "paths.hpp"

namespace cli {
namespace {

std::optional<std::pair<dev_t, ino_t>> identity(const std::filesystem::path& path) {
  struct stat status = {};
  if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  return std::pair(status.st_dev, status.st_ino);
}

/// By its name, as publishers ship checkpoints: results may lie beside them.
bool is_of_model(const std::filesystem::path& file) {
  constexpr std::string_view weights[] = {".safetensors", ".bin", ".pt", ".pth", ".ckpt"};
  const std::string name = file.filename().string();
  return std::ranges::count(weights, extension(file)) > 0 || name.ends_with("config.json") ||
         name.ends_with("index.json");
}

}  // namespace

void InputFiles::add(const std::filesystem::path& input) {
  if (const auto file = identity(input)) files_.insert(*file);
}

void InputFiles::add_model(const std::filesystem::path& model) {
  add(model);
  const bool has_config = model.filename() == "model.safetensors";
  const std::filesystem::path folder = has_config ? model.parent_path() / "." : model;
  if (!is_folder(folder)) return;
  for (const std::filesystem::path& file : files_in(folder).files) {
    if (is_of_model(file)) add(file);
  }
}

void InputFiles::check(const std::filesystem::path& output) const {
  const auto file = identity(output);
  if (file && files_.contains(*file)) {
    throw UsageError(
        fmt::format("'{}' is read by this command and would be overwritten", output.string()));
  }
}

}  // namespace cli
