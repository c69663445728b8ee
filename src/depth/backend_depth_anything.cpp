// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <ATen/ATen.h>

#include <depthcloud/files.hpp>

#include "depth/backend_registry.hpp"
#include "depth/depth_anything.hpp"
#include "depth/depth_anything_config.hpp"
#include "depth/depth_anything_preprocess.hpp"
#include "depth/depth_anything_weights.hpp"
#include "depth/safetensors.hpp"
#include "depth/torch_device.hpp"

namespace depthcloud {
namespace {

constexpr std::string_view suffix = ".safetensors";
constexpr const char* weights_file = "model.safetensors";
constexpr const char* config_file = "config.json";

Intrinsics to_intrinsics(const at::Tensor& matrix) {
  const auto k = matrix.accessor<double, 2>();
  return {k[0][0], k[1][1], k[0][2], k[1][2]};
}

Extrinsics to_extrinsics(const at::Tensor& matrix) {
  const auto pose = matrix.accessor<double, 2>();
  Extrinsics result{};
  for (std::int64_t i = 0; i < 12; ++i) result[static_cast<std::size_t>(i)] = pose[i / 4][i % 4];
  return result;
}

/// A field of view that the network's last ReLU cut to zero is no estimate: it makes the focal
/// length as long as a million images are wide.
std::optional<Intrinsics> estimate(const Intrinsics& intrinsics) {
  constexpr double longest_focal = 1e3;  // in widths and heights of the image
  const bool plausible = intrinsics.valid() && intrinsics.fx < longest_focal * 2 * intrinsics.cx &&
                         intrinsics.fy < longest_focal * 2 * intrinsics.cy;
  return plausible ? std::optional(intrinsics) : std::nullopt;
}

class DepthAnythingBackend final : public DepthBackend {
 public:
  DepthAnythingBackend(DepthAnythingConfig config, const SafetensorsFile& file,
                       const BackendOptions& options)
      : config_(std::move(config)),
        resize_method_(options.resize_method),
        network_(config_, nn::Parameters(checkpoint_reader(file, config_.layout),
                                         to_torch(options.device), to_torch(options.precision))) {
    if (options.process_res > 0) config_.process_res = options.process_res;
    for (const auto& [name, shape] : tensor_shapes(file)) {
      std::int64_t count = 1;
      for (const std::int64_t size : shape) count *= size;
      parameters_ += count;
    }
  }

  ModelInfo info() const override {
    ModelInfo info;
    info.name = config_.name;
    info.backend = "depth_anything";
    info.parameters = parameters_;
    info.process_res = config_.process_res;
    info.metric = config_.is_metric();
    info.license = config_.license;
    return info;
  }

  Grid grid(int width, int height) const override { return plan(width, height).grid; }

  at::Tensor prepare(const ImageView& image, const Grid& grid) override {
    at::Tensor planes = at::empty({3, grid.height, grid.width}, at::kFloat);
    const std::span<float> values(planes.data_ptr<float>(),
                                  static_cast<std::size_t>(planes.numel()));
    const GridPlan way = plan(image.width, image.height);
    if (config_.family == DepthAnythingFamily::v3) {
      prepare_da3(image, way, values);
    } else {
      prepare_da2(image, way, values);
    }
    return planes;
  }

  /// The images are independent of each other: a scene of one view each.
  Prediction infer(const Batch& batch) override {
    const DepthAnythingOutput output = network_(batch.images.unsqueeze(1));
    const auto planes = [](const at::Tensor& scenes) {
      return scenes.defined() ? scenes.select(1, 0) : at::Tensor{};
    };
    Prediction prediction;
    prediction.depth = planes(output.depth);
    prediction.confidence = planes(output.confidence);
    if (output.sky.defined()) prediction.sky = (planes(output.sky) >= sky_from).to(at::kByte);
    prediction.views.resize(batch.intrinsics.size());
    if (output.cameras) read_cameras(*output.cameras, prediction.views);
    scale(prediction, batch.intrinsics);
    return prediction;
  }

 private:
  GridPlan plan(int width, int height) const {
    return config_.family == DepthAnythingFamily::v3
               ? plan_da3(width, height, config_.process_res, resize_method_)
               : plan_da2(width, height, config_.process_res);
  }

  static void read_cameras(const nn::Cameras& cameras, std::vector<ViewInfo>& views) {
    const at::Tensor intrinsics = cameras.intrinsics.to(at::kCPU, at::kDouble);
    const at::Tensor extrinsics = cameras.extrinsics.to(at::kCPU, at::kDouble);
    for (std::size_t i = 0; i < views.size(); ++i) {
      const auto scene = static_cast<std::int64_t>(i);
      views[i].intrinsics = estimate(to_intrinsics(intrinsics[scene][0]));
      views[i].extrinsics = to_extrinsics(extrinsics[scene][0]);
    }
  }

  /// Brings the network's numbers to depth, in metres where that is possible.
  void scale(Prediction& prediction,
             const std::vector<std::optional<Intrinsics>>& intrinsics) const {
    switch (config_.meaning) {
      case DepthMeaning::relative:
        return;
      case DepthMeaning::inverse:
        // The inverse of zero is infinite, which means no depth.
        prediction.depth = prediction.depth.reciprocal();
        return;
      case DepthMeaning::metric:
        for (ViewInfo& view : prediction.views) view.metric = true;
        return;
      case DepthMeaning::focal_metric:
        for (std::size_t i = 0; i < intrinsics.size(); ++i) {
          if (!intrinsics[i]) continue;
          const at::Tensor depth = prediction.depth[static_cast<std::int64_t>(i)];
          depth.copy_(to_metres(depth, (intrinsics[i]->fx + intrinsics[i]->fy) / 2));
          prediction.views[i].metric = true;
        }
        return;
    }
  }

  DepthAnythingConfig config_;
  ResizeMethod resize_method_;
  DepthAnything network_;
  std::int64_t parameters_ = 0;
};

bool reads(std::string_view source) {
  std::error_code failure;
  return source.ends_with(suffix) ||
         std::filesystem::is_directory(std::filesystem::path(source), failure);
}

/// A checkpoint is a directory, its model.safetensors, or a file of another name, which has no
/// config.json beside it.
std::unique_ptr<DepthBackend> load(const std::string& source, const BackendOptions& options) {
  const std::filesystem::path path(source);
  std::error_code failure;
  const bool directory = std::filesystem::is_directory(path, failure);
  const std::filesystem::path weights = directory ? path / weights_file : path;
  const SafetensorsFile file = SafetensorsFile::open(weights);

  CheckpointNotes notes;
  const std::filesystem::path config = weights.parent_path() / config_file;
  if (weights.filename() == weights_file && std::filesystem::exists(config, failure)) {
    const auto text = read_file(config);
    notes.config_json = std::string(text.begin(), text.end());
  }
  const std::filesystem::path named = directory ? std::filesystem::absolute(path / ".") : path;
  notes.file_name = directory ? named.parent_path().filename().string() : path.stem().string();
  return std::make_unique<DepthAnythingBackend>(
      recognise_depth_anything(tensor_shapes(file), notes), file, options);
}

}  // namespace

extern const BackendEntry depth_anything_backend;
constinit const BackendEntry depth_anything_backend = {"depth_anything", reads, load};

}  // namespace depthcloud
