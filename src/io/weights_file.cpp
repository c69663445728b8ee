// SPDX-License-Identifier: Apache-2.0
#include "io/weights_file.hpp"

#include <algorithm>
#include <array>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <depthcloud/error.hpp>

#include "core/mapped_file.hpp"
#include "core/quote.hpp"
#include "io/safetensors.hpp"
#include "io/safetensors_index.hpp"
#include "io/torch_checkpoint.hpp"

namespace depthcloud {
namespace {

[[noreturn]] void fail(ErrorCode code, const std::string& message) {
  throw Error(code, Stage::load, message);
}

bool readable(TensorType type) {
  return type == TensorType::f32 || type == TensorType::f16 || type == TensorType::bf16 ||
         type == TensorType::i64;
}

/// The checkpoints of PyTorch in a folder.
std::vector<std::string> checkpoints_in(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  std::error_code failure;
  for (const auto& entry : std::filesystem::directory_iterator(folder, failure)) {
    const std::filesystem::path& path = entry.path();
    if (has_checkpoint_name(path) || path.extension() == ".pt") {
      names.push_back(path.filename().string());
    }
  }
  std::ranges::sort(names);
  return names;
}

}  // namespace

std::filesystem::path weights_path(const std::filesystem::path& source) {
  std::error_code failure;
  if (!std::filesystem::is_directory(source, failure)) return source;
  for (const char* name : {"model.safetensors", "model.safetensors.index.json"}) {
    if (std::filesystem::exists(source / name, failure)) return source / name;
  }
  const std::vector<std::string> names = checkpoints_in(source);
  if (names.size() == 1) return source / names.front();
  if (names.empty()) {
    fail(ErrorCode::not_found,
         fmt::format("'{}' holds no model.safetensors and no other weights", source.string()));
  }
  fail(ErrorCode::unsupported, fmt::format("'{}' holds several checkpoints, name one of them: {}",
                                           source.string(), fmt::join(names, ", ")));
}

bool has_checkpoint_name(const std::filesystem::path& path) {
  constexpr std::array names = {".pth", ".bin", ".pkl", ".pickle", ".ckpt"};
  return std::ranges::find(names, path.extension().string()) != names.end();
}

struct WeightsFile::Contents {
  std::vector<std::unique_ptr<const MappedFile>> files;  ///< none: the caller keeps the bytes
  TensorTable table;

  std::span<const std::uint8_t> map(const std::filesystem::path& path) {
    return files.emplace_back(std::make_unique<const MappedFile>(path, Stage::load))->bytes();
  }

  /// Adds the tensors of each file that an index names, each once.
  void add_shards(const std::filesystem::path& index, std::span<const std::uint8_t> json) {
    for (const auto& [name, tensors] : read_safetensors_index(json)) {
      const std::filesystem::path path = index.parent_path() / name;
      TensorTable shard;
      try {
        shard = read_safetensors(map(path));
      } catch (const Error& error) {
        fail(error.code(), fmt::format("{}: {}", quote(name), error.what()));
      }
      for (const std::string& tensor : tensors) {
        auto found = shard.tensors.extract(tensor);
        if (found.empty()) {
          fail(ErrorCode::bad_model,
               fmt::format("{} lacks tensor {}, which the index says is there", quote(name),
                           quote(tensor)));
        }
        table.tensors.insert(std::move(found));
      }
      table.metadata.merge(shard.metadata);
    }
  }
};

WeightsFile::WeightsFile(std::shared_ptr<const Contents> contents)
    : contents_(std::move(contents)) {}

WeightsFile WeightsFile::open(const std::filesystem::path& path) {
  auto contents = std::make_shared<Contents>();
  const std::span<const std::uint8_t> bytes = contents->map(path);
  if (is_safetensors_index(bytes)) {
    contents->add_shards(path, bytes);
  } else {
    contents->table =
        is_torch_checkpoint(bytes) ? read_torch_checkpoint(bytes) : read_safetensors(bytes);
  }
  return WeightsFile(std::move(contents));
}

WeightsFile WeightsFile::parse(std::span<const std::uint8_t> bytes) {
  auto contents = std::make_shared<Contents>();
  contents->table = read_safetensors(bytes);
  return WeightsFile(std::move(contents));
}

std::vector<std::string_view> WeightsFile::names() const {
  std::vector<std::string_view> names;
  names.reserve(contents_->table.tensors.size());
  for (const auto& [name, tensor] : contents_->table.tensors) names.emplace_back(name);
  return names;
}

const std::map<std::string, std::string, std::less<>>& WeightsFile::metadata() const noexcept {
  return contents_->table.metadata;
}

std::optional<TensorView> WeightsFile::find(std::string_view name) const {
  const auto& [tensors, metadata] = contents_->table;
  auto found = tensors.find(name);
  if (found == tensors.end()) {
    const auto alias = metadata.find(name);
    if (alias != metadata.end()) found = tensors.find(alias->second);
  }
  if (found == tensors.end()) return std::nullopt;
  const StoredTensor& tensor = found->second;
  return TensorView{tensor.type, tensor.shape, tensor.bytes};
}

TensorView WeightsFile::tensor(std::string_view name, std::span<const std::int64_t> shape) const {
  const auto found = find(name);
  if (!found) fail(ErrorCode::bad_model, fmt::format("tensor {} is missing", quote(name)));
  if (!readable(found->type)) {
    fail(ErrorCode::unsupported,
         fmt::format("tensor {} has elements of type {} (F32, F16, BF16 and I64 are read)",
                     quote(name), depthcloud::to_string(found->type)));
  }
  if (!std::ranges::equal(found->shape, shape)) {
    fail(ErrorCode::bad_model, fmt::format("tensor {} has shape [{}] in place of [{}]", quote(name),
                                           fmt::join(found->shape, ", "), fmt::join(shape, ", ")));
  }
  return *found;
}

void WeightsFile::release_pages() const noexcept {
  for (const auto& file : contents_->files) file->release_pages();
}

}  // namespace depthcloud
