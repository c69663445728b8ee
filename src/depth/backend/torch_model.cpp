// SPDX-License-Identifier: Apache-2.0
#include "depth/backend/torch_model.hpp"

#include <algorithm>
#include <utility>

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <fmt/format.h>

#include <depthcloud/error.hpp>
#include <depthcloud/torch.hpp>

#include "core/stopwatch.hpp"
#include "depth/backend/torch_compat.hpp"
#include "depth/backend/torch_device.hpp"
#include "depth/backend/torch_errors.hpp"
#include "depth/stop.hpp"

namespace depthcloud {
namespace {

void check_shape(const char* plane, const at::Tensor& tensor, at::ScalarType type,
                 at::IntArrayRef expected) {
  if (tensor.scalar_type() == type && tensor.sizes() == expected) return;
  throw Error(ErrorCode::bad_model, Stage::infer,
              fmt::format("the network gave {} of type {} and shape [{}] in place of {} [{}]",
                          plane, toString(tensor.scalar_type()), fmt::join(tensor.sizes(), ", "),
                          toString(type), fmt::join(expected, ", ")));
}

/// Whatever a backend does, no depth map is made of planes that do not fit.
void validate(const Prediction& prediction, std::int64_t count, const Grid& grid) {
  const std::int64_t shape[] = {count, grid.height, grid.width};
  check_shape("depth", prediction.depth, at::kFloat, shape);
  if (prediction.confidence.defined()) {
    check_shape("confidence", prediction.confidence, at::kFloat, shape);
  }
  if (prediction.sky.defined()) check_shape("sky", prediction.sky, at::kByte, shape);
  if (prediction.normals.defined()) {
    check_shape("normals", prediction.normals, at::kFloat, {count, grid.height, grid.width, 3});
  }
  if (static_cast<std::int64_t>(prediction.views.size()) != count) {
    throw Error(
        ErrorCode::bad_model, Stage::infer,
        fmt::format("the network gave {} views in place of {}", prediction.views.size(), count));
  }
}

/// The precision to load with: one that works, or `automatic` where the backend selects one.
/// Error{unavailable}.
Precision precision_of(const BackendEntry& entry, const BackendOptions& options) {
  if (options.precision == Precision::automatic) {
    return entry.selects_precision ? Precision::automatic : Precision::f32;
  }
  require_precision(entry.trial, options.device, options.precision);
  return options.precision;
}

/// What one pass of the network sees: images of one grid, or views of one scene cropped to it.
struct Pass {
  std::span<const ImageView> images;
  Grid grid;
  const ViewsOptions* views = nullptr;  ///< of a scene; null: the images are independent

  bool knows_cameras() const { return views != nullptr && !views->cameras.empty(); }
};

class TorchModel final : public DepthModel {
 public:
  TorchModel(std::unique_ptr<DepthBackend> backend, const BackendOptions& loaded,
             const EstimatorOptions& options)
      : backend_(std::move(backend)),
        device_(to_torch(loaded.device)),
        options_(options),
        info_(backend_->info()) {
    info_.device = loaded.device;
    info_.precision = loaded.precision;
  }

  const ModelInfo& info() const override { return info_; }

  Grid grid(int width, int height) const override { return backend_->grid(width, height); }

  void warm_up(const ImageView& image) override {
    with_torch_errors(Stage::infer, ErrorCode::internal, [&] {
      const c10::InferenceMode inference;
      backend_->warm_up(prepare({{&image, 1}, grid(image.width, image.height)}).batch);
      torch_compat::synchronize(device_);
    });
  }

  std::vector<DepthMap> estimate(std::span<const ImageView> images, StageTimes& times) override {
    return run({images, grid(images.front().width, images.front().height)}, times);
  }

  std::vector<DepthMap> estimate_views(std::span<const ImageView> views,
                                       const ViewsOptions& options, StageTimes& times) override {
    Grid shared = grid(views.front().width, views.front().height);
    for (const ImageView& view : views) {
      const Grid own = grid(view.width, view.height);
      shared = {std::min(shared.width, own.width), std::min(shared.height, own.height)};
    }
    return run({views, shared, &options}, times);
  }

 private:
  struct Prepared {
    Batch batch;
    std::vector<ImageRegion> regions;
    std::vector<KnownIntrinsics> intrinsics;
  };

  /// The model's options, with the camera of one view where that is known.
  KnownIntrinsics intrinsics_of(const Pass& pass, std::size_t i, const ImageRegion& region) const {
    if (!pass.knows_cameras()) {
      return known_intrinsics(options_, pass.images[i], pass.grid, region);
    }
    const EstimatorOptions of_view{.intrinsics = pass.views->cameras[i].intrinsics};
    return known_intrinsics(of_view, pass.images[i], pass.grid, region);
  }

  Prepared prepare(const Pass& pass) {
    Prepared prepared;
    prepared.batch.grid = pass.grid;
    std::vector<at::Tensor> inputs;
    for (std::size_t i = 0; i < pass.images.size(); ++i) {
      throw_if_stopped(options_.stop);
      const ImageView& image = pass.images[i];
      inputs.push_back(backend_->prepare(image, pass.grid).unsqueeze(0));
      const ImageRegion region = backend_->region(image.width, image.height, pass.grid);
      prepared.regions.push_back(region);
      prepared.intrinsics.push_back(intrinsics_of(pass, i, region));
      prepared.batch.intrinsics.push_back(prepared.intrinsics.back().intrinsics);
      if (pass.knows_cameras()) {
        prepared.batch.extrinsics.push_back(pass.views->cameras[i].extrinsics);
      }
    }
    prepared.batch.images = (inputs.size() == 1 ? inputs.front() : at::cat(inputs)).to(device_);
    return prepared;
  }

  std::vector<DepthMap> run(const Pass& pass, StageTimes& times) {
    const c10::InferenceMode inference;
    const Prepared prepared = with_torch_errors(Stage::preprocess, ErrorCode::internal, [&] {
      const Stopwatch watch(times[Stage::preprocess]);
      return prepare(pass);
    });
    return with_torch_errors(Stage::infer, ErrorCode::internal, [&] {
      const Stopwatch watch(times[Stage::infer]);
      const Prediction prediction =
          pass.views ? backend_->infer_views(prepared.batch, pass.views->reference_view)
                     : backend_->infer(prepared.batch);
      validate(prediction, static_cast<std::int64_t>(pass.images.size()), pass.grid);
      std::vector<DepthMap> maps;
      for (std::size_t i = 0; i < pass.images.size(); ++i) {
        maps.push_back(to_depth_map(planes_of(prediction, i),
                                    depth_info(prepared.intrinsics[i], pass.images[i], pass.grid,
                                               prediction.views[i], prepared.regions[i])));
      }
      // A device works on after its calls return: wait, so that the time is its time and a failure
      // on it is reported here.
      torch_compat::synchronize(device_);
      return maps;
    });
  }

  static DepthTensors planes_of(const Prediction& prediction, std::size_t i) {
    const auto plane = [i](const at::Tensor& planes) {
      return planes.defined() ? planes.select(0, static_cast<std::int64_t>(i)) : at::Tensor{};
    };
    return {plane(prediction.depth), plane(prediction.confidence), plane(prediction.sky),
            plane(prediction.normals)};
  }

  std::unique_ptr<DepthBackend> backend_;
  at::Device device_;
  EstimatorOptions options_;
  ModelInfo info_;
};

}  // namespace

std::unique_ptr<DepthModel> load_torch_model(const BackendEntry& entry, const std::string& source,
                                             const EstimatorOptions& options) {
  return with_torch_errors(Stage::load, ErrorCode::bad_model, [&] {
    const Device device = resolve_device(options.device);
    set_threads(options.threads);
    const c10::InferenceMode inference;
    BackendOptions resolved{.device = device,
                            .precision = options.precision,
                            .process_res = options.process_res,
                            .resize_method = options.resize_method,
                            .tokens = options.tokens,
                            .resolution_level = options.resolution_level,
                            .normals = options.normals,
                            .stop = options.stop,
                            .sky_threshold = options.sky_threshold};
    resolved.precision = precision_of(entry, resolved);
    std::unique_ptr<DepthBackend> backend = entry.load(source, resolved);
    if (resolved.precision == Precision::automatic) resolved.precision = backend->info().precision;
    return std::make_unique<TorchModel>(std::move(backend), resolved, options);
  });
}

}  // namespace depthcloud
