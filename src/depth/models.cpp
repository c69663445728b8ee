// SPDX-License-Identifier: Apache-2.0
#include "depth/models.hpp"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <depthcloud/error.hpp>
#include <depthcloud/published_model.hpp>

#include "core/file_kind.hpp"
#include "core/mapped_file.hpp"
#include "depth/metric_alignment.hpp"
#include "depth/metric_model.hpp"
#include "depth/networks.hpp"
#include "io/torch_checkpoint.hpp"
#include "io/weights_file.hpp"

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

bool names_torchscript(std::string_view source) { return source.ends_with(".pt"); }

/// Of a file that is named as a TorchScript module may be: whether it is a checkpoint.
bool is_checkpoint(const std::filesystem::path& path) try {
  const MappedFile file(path, Stage::load);
  return is_torch_checkpoint(file.bytes()) && !is_torchscript(file.bytes());
} catch (const Error&) {
  return false;  // whoever opens it says why
}

bool names_checkpoint(std::string_view source) {
  std::error_code failure;
  const std::filesystem::path path(source);
  return source.ends_with(".safetensors") || source.ends_with(".safetensors.index.json") ||
         has_checkpoint_name(path) || std::filesystem::is_directory(path, failure) ||
         (names_torchscript(source) && is_checkpoint(path));
}

/// Of a checkpoint that is there: whether its tensors are named as those of MoGe, 1 to 3.
bool holds_moge(std::string_view source) try {
  std::error_code failure;
  if (!names_checkpoint(source) || !std::filesystem::exists(source, failure)) return false;
  const WeightsFile file = WeightsFile::open(weights_path(std::filesystem::path(source)));
  const std::vector<std::string_view> names = file.names();
  const auto has = [&](std::string_view start) {
    return std::ranges::any_of(names,
                               [start](std::string_view name) { return name.starts_with(start); });
  };
  // Depth Anything may have a `backbone.` too, but its head is `depth_head.`.
  const bool is_first = has("backbone.cls_token") && has("head.");
  return has("encoder.backbone.") || has("points_head.") || has("refiner.") || is_first;
} catch (const Error&) {
  return false;  // whoever opens it says why
}

/// The first that reads a source counts.
constexpr ModelKind kinds[] = {
    {"constant", names_constant, false},
    {"builtin", [](std::string_view source) { return source == "builtin"; }, false},
    {"moge", holds_moge, true},
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

[[noreturn]] void fail_unknown(const std::string& source);

/// Throws where a file of weights has the mark of another kind.
void check_checkpoint(const std::string& source) {
  const std::string path = weights_path(source).string();
  const std::vector<std::uint8_t> start = start_of(path);
  switch (file_kind(start)) {
    case FileKind::safetensors:
    case FileKind::safetensors_index:
    case FileKind::torch_archive:
    case FileKind::zip:
    case FileKind::unknown:
    case FileKind::empty:
    case FileKind::text:   // as the length of a header may look
    case FileKind::sound:  // likewise
      return;
    default:
      if (!is_torch_checkpoint(start)) fail_unknown(path);
  }
}

[[noreturn]] void fail_unknown(const std::string& source) {
  constexpr const char* expected =
      "builtin, constant[:METRES[,DELAY_MS]], a folder, FILE.safetensors, FILE.pth or "
      "FILE.pt of Depth Anything or MoGe-2, a TorchScript FILE.pt, or a name of 'depthcloud fetch "
      "--list'";
  std::error_code failure;
  if (std::filesystem::exists(source, failure)) {
    throw Error(ErrorCode::unsupported, Stage::load,
                fmt::format("no model is read from '{}', which is {} ({})", source,
                            describe_no_weights(start_of(source)), expected));
  }
  throw Error(ErrorCode::not_found, Stage::load,
              fmt::format("no such model: '{}' ({})", source, expected));
}

/// The path that a source stands for. Throws where it is the name of a model that is not there.
std::string with_fetched(const std::string& source) {
  const std::filesystem::path path = model_path(source);
  const PublishedModel* const model = find_published_model(source);
  if (path == source || is_fetched(*model, path)) return path.string();
  throw Error(ErrorCode::not_found, Stage::load,
              fmt::format("the model {} is not in '{}': 'depthcloud fetch {}' downloads it ({})",
                          model->name, path.string(), model->name, model->license));
}

/// Loads one model, whatever EstimatorOptions::metric_model says.
std::unique_ptr<DepthModel> load_alone(const std::string& named, const EstimatorOptions& options) {
  const std::string source = with_fetched(named);
  const ModelKind* const kind = find_kind(source);
  if (kind == nullptr) fail_unknown(source);
  std::error_code failure;
  if (kind->is_file && !std::filesystem::exists(source, failure)) {
    throw Error(ErrorCode::not_found, Stage::load, fmt::format("no such file: '{}'", source));
  }
  if (kind->reads == names_constant) return load_constant(source, options);
  if (kind->reads == names_checkpoint || kind->reads == holds_moge) check_checkpoint(source);
  if (kind->reads == names_torchscript) check_torchscript(source);
  return networks().load(kind->name, source, options);
}

/// Loads the metric network; an error says that it is this one.
std::unique_ptr<DepthModel> load_metric(const EstimatorOptions& options) try {
  EstimatorOptions own = options;
  own.sky_threshold = sky_of_alignment;
  return load_alone(options.metric_model, own);
} catch (const Error& error) {
  throw Error(error.code(), error.stage(), fmt::format("the metric model: {}", error.what()));
}

}  // namespace

const char* model_kind(std::string_view source) {
  const ModelKind* const kind = find_kind(source);
  return kind == nullptr ? nullptr : kind->name;
}

std::unique_ptr<DepthModel> load_model(const std::string& source, const EstimatorOptions& options) {
  std::unique_ptr<DepthModel> model = load_alone(source, options);
  if (options.metric_model.empty()) return model;
  check_takes_metres(model->info());  // before the larger network is loaded
  return add_metres(std::move(model), load_metric(options), options);
}

}  // namespace depthcloud
