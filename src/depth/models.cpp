// SPDX-License-Identifier: Apache-2.0
#include "depth/models.hpp"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <fmt/format.h>

#include <depthcloud/error.hpp>

#include "core/file_kind.hpp"
#include "depth/networks.hpp"
#include "io/safetensors.hpp"

namespace depthcloud {
namespace {

/// How a kind of model is recognised.
struct ModelKind {
  const char* name;
  bool (*reads)(std::string_view source);
  bool is_file;  ///< its source is a path
};

bool names_constant(std::string_view source) {
  return source == "constant" || source.starts_with("constant:");
}

bool names_checkpoint(std::string_view source) {
  std::error_code failure;
  return source.ends_with(".safetensors") ||
         std::filesystem::is_directory(std::filesystem::path(source), failure);
}

bool names_torchscript(std::string_view source) { return source.ends_with(".pt"); }

/// The first that reads a source counts.
constexpr ModelKind kinds[] = {
    {"constant", names_constant, false},
    {"builtin", [](std::string_view source) { return source == "builtin"; }, false},
    {"depth_anything", names_checkpoint, true},
    {"torchscript", names_torchscript, true},
};

/// nullptr where there is none.
const ModelKind* find_kind(std::string_view source) {
  const auto* const found = std::find_if(std::begin(kinds), std::end(kinds),
                                         [&](const ModelKind& kind) { return kind.reads(source); });
  return found == std::end(kinds) ? nullptr : found;
}

/// The first bytes of a file, by which its kind is known.
std::vector<std::uint8_t> start_of(const std::string& path) {
  std::vector<std::uint8_t> start(512);
  std::ifstream file(path, std::ios::binary);
  file.read(reinterpret_cast<char*>(start.data()), static_cast<std::streamsize>(start.size()));
  start.resize(static_cast<std::size_t>(file.gcount()));
  return start;
}

/// Throws where a file named as a TorchScript module is of another kind. What has no mark is left
/// to LibTorch.
void check_torchscript(const std::string& path) {
  const std::vector<std::uint8_t> start = start_of(path);
  const FileKind kind = file_kind(start);
  if (kind == FileKind::torch_archive || kind == FileKind::zip || kind == FileKind::unknown) return;
  throw Error(
      ErrorCode::bad_model, Stage::load,
      fmt::format("'{}' is no TorchScript archive but {}", path, describe_no_weights(start)));
}

/// Throws where a folder holds weights of another form in place of model.safetensors.
void check_folder(const std::filesystem::path& folder) {
  std::error_code failure;
  if (!std::filesystem::is_directory(folder, failure) ||
      std::filesystem::exists(folder / "model.safetensors", failure)) {
    return;
  }
  constexpr const char* one_file = "write it as one model.safetensors with safetensors.torch";
  if (std::filesystem::exists(folder / "model.safetensors.index.json", failure)) {
    throw Error(ErrorCode::unsupported, Stage::load,
                fmt::format("'{}' holds a checkpoint in several files, which is not read: {}",
                            folder.string(), one_file));
  }
  for (const std::filesystem::directory_entry& entry :
       std::filesystem::directory_iterator(folder, failure)) {
    if (!has_pickle_name(entry.path())) continue;
    throw Error(ErrorCode::unsupported, Stage::load,
                fmt::format("'{}' holds {}, a Python pickle, and no model.safetensors: {}",
                            folder.string(), entry.path().filename().string(), one_file));
  }
  throw Error(ErrorCode::not_found, Stage::load,
              fmt::format("'{}' holds no model.safetensors", folder.string()));
}

[[noreturn]] void fail_unknown(const std::string& source) {
  constexpr const char* expected =
      "builtin, constant[:METRES[,DELAY_MS]], a Depth Anything directory or FILE.safetensors, or a "
      "TorchScript FILE.pt";
  std::error_code failure;
  if (has_pickle_name(source)) {
    throw Error(ErrorCode::unsupported, Stage::load,
                fmt::format("'{}' is a Python pickle, a program that is never run here: take the "
                            "publisher's .safetensors, or convert it with "
                            "safetensors.torch.save_file in Python",
                            source));
  }
  if (std::filesystem::exists(source, failure)) {
    throw Error(ErrorCode::unsupported, Stage::load,
                fmt::format("no model is read from '{}', which is {} ({})", source,
                            describe_no_weights(start_of(source)), expected));
  }
  throw Error(ErrorCode::not_found, Stage::load,
              fmt::format("no such model: '{}' ({})", source, expected));
}

}  // namespace

const char* model_kind(std::string_view source) {
  const ModelKind* const kind = find_kind(source);
  return kind == nullptr ? nullptr : kind->name;
}

std::unique_ptr<DepthModel> load_model(const std::string& source, const EstimatorOptions& options) {
  const ModelKind* const kind = find_kind(source);
  if (kind == nullptr) fail_unknown(source);
  std::error_code failure;
  if (kind->is_file && !std::filesystem::exists(source, failure)) {
    throw Error(ErrorCode::not_found, Stage::load, fmt::format("no such file: '{}'", source));
  }
  if (kind->reads == names_constant) return load_constant(source, options);
  if (kind->is_file) check_folder(source);
  if (kind->reads == names_torchscript) check_torchscript(source);
  return networks().load(kind->name, source, options);
}

}  // namespace depthcloud
