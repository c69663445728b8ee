// SPDX-License-Identifier: Apache-2.0
#include <depthcloud/estimator.hpp>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <mutex>
#include <numeric>
#include <utility>

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <fmt/format.h>

#include <depthcloud/error.hpp>
#include <depthcloud/torch.hpp>

#include "core/torch_compat.hpp"
#include "core/torch_errors.hpp"
#include "depth/backend_registry.hpp"
#include "depth/known_intrinsics.hpp"
#include "depth/torch_device.hpp"

namespace depthcloud {
namespace {

constexpr int max_process_res = 8192;

[[noreturn]] void invalid(const std::string& message) {
  throw Error(ErrorCode::invalid_argument, Stage::load, message);
}

void check(const EstimatorOptions& options) {
  if (options.process_res < 0 || options.process_res > max_process_res) {
    invalid(fmt::format("process resolution {} is not between 0 and {}", options.process_res,
                        max_process_res));
  }
  if (options.intrinsics && options.fov_degrees) {
    invalid("intrinsics and field of view are both given: one of them is enough");
  }
  if (options.intrinsics && !options.intrinsics->valid()) {
    const Intrinsics& k = *options.intrinsics;
    invalid(fmt::format("intrinsics fx {} fy {} cx {} cy {} are not a pinhole camera", k.fx, k.fy,
                        k.cx, k.cy));
  }
  if (options.fov_degrees) Intrinsics::from_fov(*options.fov_degrees, 1, 1);
}

void check_shape(const char* plane, const at::Tensor& tensor, at::ScalarType type,
                 at::IntArrayRef expected) {
  if (tensor.scalar_type() == type && tensor.sizes() == expected) return;
  throw Error(ErrorCode::bad_model, Stage::infer,
              fmt::format("the network gave {} of type {} and shape [{}] in place of {} [{}]",
                          plane, toString(tensor.scalar_type()), fmt::join(tensor.sizes(), ", "),
                          toString(type), fmt::join(expected, ", ")));
}

/// Whatever a backend does, no depth map is made of planes that do not fit.
void check(const Prediction& prediction, std::int64_t count, const Grid& grid) {
  const std::int64_t shape[] = {count, grid.height, grid.width};
  check_shape("depth", prediction.depth, at::kFloat, shape);
  if (prediction.confidence.defined()) {
    check_shape("confidence", prediction.confidence, at::kFloat, shape);
  }
  if (prediction.sky.defined()) check_shape("sky", prediction.sky, at::kByte, shape);
  if (static_cast<std::int64_t>(prediction.views.size()) != count) {
    throw Error(
        ErrorCode::bad_model, Stage::infer,
        fmt::format("the network told of {} views in place of {}", prediction.views.size(), count));
  }
}

void check(std::span<const ImageView> views, const ViewOptions& options) {
  const auto fail = [](const std::string& message) {
    throw Error(ErrorCode::invalid_argument, Stage::preprocess, message);
  };
  if (views.empty()) fail("a scene without views");
  for (const ImageView& view : views) depthcloud::check(view);
  if (options.cameras.empty()) return;
  if (options.cameras.size() != views.size()) {
    fail(fmt::format("{} cameras are known of {} views: all or none", options.cameras.size(),
                     views.size()));
  }
  for (const KnownCamera& camera : options.cameras) {
    check_rigid(camera.extrinsics, Stage::preprocess);
    if (!camera.intrinsics.valid()) fail("the intrinsics of a view are not a pinhole camera");
  }
}

/// What one pass of the network sees: images of one grid, or views of one scene cropped to it.
struct Pass {
  std::span<const ImageView> images;
  Grid grid;
  const ViewOptions* views = nullptr;  ///< of a scene; null: the images are independent

  bool knows_cameras() const { return views != nullptr && !views->cameras.empty(); }
};

/// The estimator's options, with the camera of one view where that is known.
EstimatorOptions camera_options(const EstimatorOptions& options, const Pass& pass, std::size_t i) {
  EstimatorOptions result = options;
  if (pass.knows_cameras()) {
    result.intrinsics = pass.views->cameras[i].intrinsics;
    result.fov_degrees.reset();
  }
  return result;
}

ImageRegion region(const DepthBackend& backend, const Pass& pass, std::size_t i) {
  return backend.region(pass.images[i].width, pass.images[i].height, pass.grid);
}

/// The options with a precision that works and is not `automatic`. Error{unavailable}.
BackendOptions resolve_precision(const BackendEntry& entry, const std::string& source,
                                 BackendOptions options) {
  if (options.precision == Precision::automatic) {
    options.precision = entry.fastest ? entry.fastest(source, options) : Precision::f32;
  } else if (entry.trial) {
    require_precision(entry.trial, options.device, options.precision);
  }
  return options;
}

void tell(const StageTimes& times, StageTimes* to) {
  if (to == nullptr) return;
  for (const Stage stage : {Stage::preprocess, Stage::infer}) (*to)[stage] = times[stage];
}

/// Adds the milliseconds of its own life to one stage.
class Stopwatch {
 public:
  using Clock = std::chrono::steady_clock;
  explicit Stopwatch(double& milliseconds) : milliseconds_(milliseconds) {}
  ~Stopwatch() {
    milliseconds_ += std::chrono::duration<double, std::milli>(Clock::now() - start_).count();
  }
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;

 private:
  double& milliseconds_;
  Clock::time_point start_ = Clock::now();
};

}  // namespace

struct DepthEstimator::Impl {
  EstimatorOptions options;
  at::Device device = at::kCPU;
  std::unique_ptr<DepthBackend> backend;
  ModelInfo info;
  std::mutex mutex;

  Batch prepare(const Pass& pass);
  std::vector<DepthMap> estimate(const Pass& pass, StageTimes& times);
};

Batch DepthEstimator::Impl::prepare(const Pass& pass) {
  Batch batch;
  std::vector<at::Tensor> inputs;
  for (std::size_t i = 0; i < pass.images.size(); ++i) {
    const ImageView& image = pass.images[i];
    inputs.push_back(backend->prepare(image, pass.grid).unsqueeze(0));
    batch.intrinsics.push_back(known_intrinsics(camera_options(options, pass, i), image, pass.grid,
                                                region(*backend, pass, i))
                                   .intrinsics);
    if (pass.knows_cameras()) batch.extrinsics.push_back(pass.views->cameras[i].extrinsics);
  }
  batch.images = (inputs.size() == 1 ? inputs.front() : at::cat(inputs)).to(device);
  return batch;
}

std::vector<DepthMap> DepthEstimator::Impl::estimate(const Pass& pass, StageTimes& times) {
  const c10::InferenceMode inference;
  const Batch batch = with_torch_errors(Stage::preprocess, ErrorCode::internal, [&] {
    const Stopwatch watch(times[Stage::preprocess]);
    return prepare(pass);
  });
  return with_torch_errors(Stage::infer, ErrorCode::internal, [&] {
    const Stopwatch watch(times[Stage::infer]);
    const Prediction prediction = pass.views
                                      ? backend->infer_views(batch, pass.views->reference_view)
                                      : backend->infer(batch);
    const std::span<const ImageView> images = pass.images;
    const Grid& grid = pass.grid;
    check(prediction, static_cast<std::int64_t>(images.size()), grid);
    std::vector<DepthMap> maps;
    for (std::size_t i = 0; i < images.size(); ++i) {
      const auto plane = [i](const at::Tensor& planes) {
        return planes.defined() ? planes.select(0, static_cast<std::int64_t>(i)) : at::Tensor{};
      };
      maps.push_back(to_depth_map(
          {plane(prediction.depth), plane(prediction.confidence), plane(prediction.sky)},
          depth_info(camera_options(options, pass, i), images[i], grid, prediction.views[i],
                     region(*backend, pass, i))));
    }
    // A device works on after its calls return: wait, so that the time is its time and a failure
    // on it is told here.
    torch_compat::synchronize(device);
    return maps;
  });
}

DepthEstimator DepthEstimator::load(const std::string& source, const EstimatorOptions& options) {
  return with_torch_errors(Stage::load, ErrorCode::bad_model, [&] {
    check(options);
    const BackendEntry& entry = find_backend(source);
    const Device device = resolve_device(options.device);
    set_threads(options.threads);

    auto impl = std::make_unique<Impl>();
    impl->options = options;
    impl->device = to_torch(device);
    const c10::InferenceMode inference;
    const BackendOptions backend_options = resolve_precision(
        entry, source, {device, options.precision, options.process_res, options.resize_method});
    impl->backend = entry.load(source, backend_options);
    impl->info = impl->backend->info();
    impl->info.device = device;
    impl->info.precision = backend_options.precision;
    return DepthEstimator(std::move(impl));
  });
}

DepthEstimator::DepthEstimator(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
DepthEstimator::~DepthEstimator() = default;
DepthEstimator::DepthEstimator(DepthEstimator&&) noexcept = default;
DepthEstimator& DepthEstimator::operator=(DepthEstimator&&) noexcept = default;

const ModelInfo& DepthEstimator::info() const noexcept { return impl_->info; }

DepthEstimator::Grid DepthEstimator::grid(int width, int height) const {
  if (width <= 0 || height <= 0) {
    throw Error(ErrorCode::invalid_argument, Stage::preprocess,
                fmt::format("image size {} x {} is not positive", width, height));
  }
  return impl_->backend->grid(width, height);
}

void DepthEstimator::warm_up(int width, int height) {
  const Grid size = grid(width, height);
  with_torch_errors(Stage::infer, ErrorCode::internal, [&] {
    Image gray(width, height, PixelFormat::gray);
    std::memset(gray.data(), 128, static_cast<std::size_t>(gray.stride()) * gray.height());
    const ImageView images[] = {std::as_const(gray).view()};
    const std::lock_guard lock(impl_->mutex);
    const c10::InferenceMode inference;
    impl_->backend->warm_up(impl_->prepare({images, size}));
    torch_compat::synchronize(impl_->device);
  });
}

DepthMap DepthEstimator::estimate(const ImageView& image, StageTimes* stage_times) {
  depthcloud::check(image);
  const Grid size = grid(image.width, image.height);
  StageTimes times;
  const std::lock_guard lock(impl_->mutex);
  DepthMap map = std::move(impl_->estimate({{&image, 1}, size}, times).front());
  tell(times, stage_times);
  return map;
}

std::vector<DepthMap> DepthEstimator::estimate_batch(std::span<const ImageView> images,
                                                     StageTimes* stage_times) {
  std::vector<Grid> grids;
  for (const ImageView& image : images) {
    depthcloud::check(image);
    grids.push_back(grid(image.width, image.height));
  }
  // Images of one grid next to each other, in their order.
  std::vector<std::size_t> order(images.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::pair(grids[a].width, grids[a].height) < std::pair(grids[b].width, grids[b].height);
  });

  std::vector<DepthMap> maps(images.size());
  StageTimes times;
  const std::lock_guard lock(impl_->mutex);
  for (auto first = order.begin(); first != order.end();) {
    const Grid& shared = grids[*first];
    const auto last =
        std::find_if(first, order.end(), [&](std::size_t i) { return !(grids[i] == shared); });
    std::vector<ImageView> group;
    std::transform(first, last, std::back_inserter(group),
                   [&](std::size_t i) { return images[i]; });
    std::vector<DepthMap> results = impl_->estimate({group, shared}, times);
    for (DepthMap& result : results) maps[*first++] = std::move(result);
  }
  if (stage_times != nullptr) {
    (*stage_times)[Stage::preprocess] = times[Stage::preprocess];
    (*stage_times)[Stage::infer] = times[Stage::infer];
  }
  return maps;
}

std::vector<DepthMap> DepthEstimator::estimate_views(std::span<const ImageView> views,
                                                     const ViewOptions& options,
                                                     StageTimes* stage_times) {
  check(views, options);
  Grid shared = grid(views.front().width, views.front().height);
  for (const ImageView& view : views) {
    const Grid own = grid(view.width, view.height);
    shared = {std::min(shared.width, own.width), std::min(shared.height, own.height)};
  }
  StageTimes times;
  const std::lock_guard lock(impl_->mutex);
  std::vector<DepthMap> maps = impl_->estimate({views, shared, &options}, times);
  tell(times, stage_times);
  return maps;
}

}  // namespace depthcloud
