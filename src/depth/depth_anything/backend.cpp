// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <depthcloud/error.hpp>

#include "core/log.hpp"
#include "depth/backend/registry.hpp"
#include "depth/backend/torch_device.hpp"
#include "depth/depth_anything/camera_alignment.hpp"
#include "depth/depth_anything/config.hpp"
#include "depth/depth_anything/network.hpp"
#include "depth/depth_anything/precision.hpp"
#include "depth/depth_anything/preprocess.hpp"
#include "depth/depth_anything/weights.hpp"
#include "depth/nn/vit_precision.hpp"
#include "io/weights_file.hpp"

namespace depthcloud {
namespace {

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

/// [S, 3, 4], f64.
at::Tensor to_tensor(const std::vector<Extrinsics>& poses) {
  const at::Tensor matrices =
      at::empty({static_cast<std::int64_t>(poses.size()), 3, 4}, at::kDouble);
  std::memcpy(matrices.data_ptr(), poses.data(), poses.size() * sizeof(Extrinsics));
  return matrices;
}

/// [S, 3, 3], f64; all of them are known.
at::Tensor to_tensor(const std::vector<std::optional<Intrinsics>>& intrinsics) {
  const auto count = static_cast<std::int64_t>(intrinsics.size());
  const at::Tensor matrices = at::eye(3, at::kDouble).repeat({count, 1, 1});
  auto k = matrices.accessor<double, 3>();
  for (std::int64_t i = 0; i < count; ++i) {
    const Intrinsics& of_view = intrinsics[static_cast<std::size_t>(i)].value();
    k[i][0][0] = of_view.fx;
    k[i][1][1] = of_view.fy;
    k[i][0][2] = of_view.cx;
    k[i][1][2] = of_view.cy;
  }
  return matrices;
}

/// A field of view that the network's last ReLU cut to zero is no estimate: it makes the focal
/// length as long as a million images are wide.
std::optional<Intrinsics> estimate(const Intrinsics& intrinsics) {
  constexpr double longest_focal = 1e3;  // in widths and heights of the image
  const bool plausible = intrinsics.valid() && intrinsics.fx < longest_focal * 2 * intrinsics.cx &&
                         intrinsics.fy < longest_focal * 2 * intrinsics.cy;
  return plausible ? std::optional(intrinsics) : std::nullopt;
}

GridPlan plan_grid(int width, int height, const DepthAnythingConfig& config,
                   ResizeMethod resize_method) {
  return config.family == DepthAnythingFamily::v3
             ? plan_da3(width, height, config.process_res, resize_method)
             : plan_da2(width, height, config.process_res);
}

class DepthAnythingBackend final : public DepthBackend {
 public:
  DepthAnythingBackend(DepthAnythingConfig config, const WeightsFile& file,
                       const nn::Parameters& weights, const BackendOptions& options)
      : config_(std::move(config)),
        device_(to_torch(options.device)),
        resize_method_(options.resize_method),
        sky_threshold_(options.sky_threshold),
        precision_(options.precision),
        network_(config_, weights, options.stop),
        weight_bytes_(weights.bytes()),
        parameters_(count_elements(tensor_shapes(file))) {
    if (options.process_res > 0) config_.process_res = options.process_res;
  }

  ModelInfo info() const override {
    ModelInfo info;
    info.name = config_.name;
    info.backend = "depth_anything";
    info.architecture = architecture(config_);
    info.parameters = parameters_;
    info.memory_bytes = weight_bytes_;
    info.input = expected_input(config_);
    info.process_res = config_.process_res;
    info.precision = precision_;
    info.metric = config_.is_metric();
    info.multi_view = config_.camera_decoder;
    info.sky = config_.head.kind == DepthHead::dpt_sky;
    if (config_.head.kind == DepthHead::dual_dpt) {
      info.confidence = {1, std::numeric_limits<float>::infinity()};
    }
    info.license = config_.license;
    return info;
  }

  Grid grid(int width, int height) const override { return plan(width, height).grid; }

  ImageRegion region(int width, int height, const Grid& grid) const override {
    const GridPlan way = cropped_to(plan(width, height), grid);
    const double columns = way.resized.width;
    const double rows = way.resized.height;
    return {way.crop_x / columns, way.crop_y / rows, grid.width / columns, grid.height / rows};
  }

  at::Tensor prepare(const ImageView& image, const Grid& grid) override {
    at::Tensor planes = at::empty({3, grid.height, grid.width}, at::kFloat);
    const std::span<float> values(planes.data_ptr<float>(),
                                  static_cast<std::size_t>(planes.numel()));
    const GridPlan way = cropped_to(plan(image.width, image.height), grid);
    if (config_.family == DepthAnythingFamily::v3) {
      prepare_da3(image, way, values);
    } else {
      prepare_da2(image, way, values);
    }
    return planes;
  }

  /// The images are independent of each other: a scene of one view each.
  Prediction infer(const Batch& batch) override {
    return read(network_(batch.images.unsqueeze(1)), batch);
  }

  Prediction infer_views(const Batch& batch, ReferenceView reference) override {
    if (!config_.camera_decoder) return DepthBackend::infer_views(batch, reference);
    const at::Tensor scene = batch.images.unsqueeze(0);
    if (batch.extrinsics.empty()) return read(network_(scene, {}, reference), batch);

    const at::Tensor given = to_tensor(batch.extrinsics);
    const nn::Cameras known{on_device(normalized_extrinsics(given)),
                            on_device(to_tensor(batch.intrinsics))};
    const DepthAnythingOutput output = network_(scene, known);
    Prediction prediction = read(output, batch);
    const at::Tensor predicted = output.cameras->extrinsics[0].to(at::kCPU, at::kDouble);
    prediction.depth.div_(alignment_scale(given, predicted));
    for (std::size_t i = 0; i < batch.extrinsics.size(); ++i) {
      prediction.views[i].extrinsics = batch.extrinsics[i];
    }
    return prediction;
  }

 private:
  GridPlan plan(int width, int height) const {
    return plan_grid(width, height, config_, resize_method_);
  }

  /// One scene's cameras as the network takes them, [1, S, ..].
  at::Tensor on_device(const at::Tensor& matrices) const {
    return matrices.to(device_, at::kFloat).unsqueeze(0);
  }

  /// All views of all scenes, in their order.
  Prediction read(const DepthAnythingOutput& output, const Batch& batch) const {
    const auto planes = [](const at::Tensor& scenes) {
      return scenes.defined() ? scenes.flatten(0, 1) : at::Tensor{};
    };
    Prediction prediction;
    prediction.depth = planes(output.depth);
    prediction.confidence = planes(output.confidence);
    if (output.sky.defined()) prediction.sky = (planes(output.sky) >= sky_threshold_).to(at::kByte);
    prediction.views.resize(batch.intrinsics.size());
    if (output.cameras) read_cameras(*output.cameras, prediction.views);
    scale(prediction, batch.intrinsics);
    return prediction;
  }

  static void read_cameras(const nn::Cameras& cameras, std::vector<ViewInfo>& views) {
    const at::Tensor intrinsics = cameras.intrinsics.flatten(0, 1).to(at::kCPU, at::kDouble);
    const at::Tensor extrinsics = cameras.extrinsics.flatten(0, 1).to(at::kCPU, at::kDouble);
    for (std::size_t i = 0; i < views.size(); ++i) {
      const auto view = static_cast<std::int64_t>(i);
      views[i].intrinsics = estimate(to_intrinsics(intrinsics[view]));
      views[i].extrinsics = to_extrinsics(extrinsics[view]);
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
  at::Device device_;
  ResizeMethod resize_method_;
  double sky_threshold_;
  Precision precision_;
  DepthAnything network_;
  std::int64_t weight_bytes_;
  std::int64_t parameters_;
};

struct Checkpoint {
  WeightsFile file;
  DepthAnythingConfig config;
};

Checkpoint open(const std::string& source) {
  auto [file, notes] = open_checkpoint(source);
  DepthAnythingConfig config =
      naming(source, [&] { return recognise_depth_anything(tensor_shapes(file), notes); });
  return {std::move(file), std::move(config)};
}

/// For the grid of a photo of the usual shape, 4:3.
Precision fastest(DepthAnythingConfig config, const BackendOptions& options) {
  constexpr int largest = 1024;  // of a larger grid there is time to measure a part only
  if (options.process_res > 0) config.process_res = std::min(options.process_res, largest);
  const Grid grid = plan_grid(4 * largest, 3 * largest, config, options.resize_method).grid;
  return nn::fastest_precision(config.vit,
                               {grid.height / VitConfig::patch, grid.width / VitConfig::patch},
                               options.device, try_depth_anything);
}

std::unique_ptr<DepthBackend> load(const std::string& source, const BackendOptions& given) {
  const auto [file, recognised] = open(source);
  BackendOptions options = given;
  if (options.precision == Precision::automatic) options.precision = fastest(recognised, options);
  if (recognised.assumed_v2) {
    log(LogLevel::warning,
        fmt::format("'{}' is taken for Depth Anything V2: V1 has the same tensors, and neither a "
                    "config.json with out_features nor the name says which it is",
                    source));
  }
  const nn::Parameters parameters(checkpoint_reader(file, recognised.layout),
                                  to_torch(options.device), options.precision);
  auto backend = std::make_unique<DepthAnythingBackend>(recognised, file, parameters, options);
  file.release_pages();  // of weights that were copied to another type or order
  return backend;
}

}  // namespace

extern const BackendEntry depth_anything_backend;
constinit const BackendEntry depth_anything_backend = {"depth_anything", load, try_depth_anything,
                                                       true};

}  // namespace depthcloud
