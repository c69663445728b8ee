// SPDX-License-Identifier: Apache-2.0
#include "io/safetensors_index.hpp"

#include <string_view>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <depthcloud/error.hpp>

#include "core/file_kind.hpp"
#include "core/quote.hpp"

namespace depthcloud {
namespace {

constexpr std::size_t largest_index = 16'000'000;
constexpr std::size_t most_files = 1000;

[[noreturn]] void fail(const std::string& message) {
  throw Error(ErrorCode::bad_model, Stage::load, "index of a checkpoint: " + message);
}

[[noreturn]] void limit(const std::string& message) {
  throw Error(ErrorCode::limit_exceeded, Stage::load, "index of a checkpoint: " + message);
}

}  // namespace

bool is_safetensors_index(std::span<const std::uint8_t> bytes) noexcept {
  const FileKind kind = file_kind(bytes);
  return kind == FileKind::safetensors_index || kind == FileKind::json;
}

std::map<std::string, std::vector<std::string>> read_safetensors_index(
    std::span<const std::uint8_t> json) {
  if (json.size() > largest_index) {
    limit(fmt::format("{} bytes are above the limit of {}", json.size(), largest_index));
  }
  const nlohmann::json index =
      nlohmann::json::parse(json.begin(), json.end(), nullptr, /*allow_exceptions=*/false);
  const auto map = index.is_object() ? index.find("weight_map") : index.end();
  if (index.is_discarded() || !index.is_object() || map == index.end() || !map->is_object()) {
    fail("it is no JSON object with a weight_map");
  }
  std::map<std::string, std::vector<std::string>> files;
  for (const auto& [tensor, file] : map->items()) {
    if (!file.is_string()) fail(fmt::format("tensor {} is in no file", quote(tensor)));
    const auto& name = file.get_ref<const std::string&>();
    if (name.empty() || name == "." || name == ".." ||
        name.find_first_of(std::string_view("/\\\0", 3)) != std::string::npos) {
      fail(fmt::format("{} is not the name of a file beside it", quote(name)));
    }
    files[name].push_back(tensor);
    if (files.size() > most_files) limit(fmt::format("more than {} files", most_files));
  }
  if (files.empty()) fail("it names no tensor");
  return files;
}

}  // namespace depthcloud
