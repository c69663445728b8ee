// SPDX-License-Identifier: Apache-2.0
#include <depthcloud/estimator.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <mutex>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include <depthcloud/error.hpp>
#include <depthcloud/photo_reader.hpp>

#include "core/memory_errors.hpp"
#include "core/stopwatch.hpp"
#include "depth/models.hpp"
#include "depth/pass_times.hpp"
#include "depth/pinhole.hpp"
#include "depth/stop.hpp"

namespace depthcloud {
namespace {

constexpr int max_process_res = 8192;
constexpr int max_threads = 1024;
constexpr int max_metric_interval = 1000;
constexpr int max_tokens = 40'000;
constexpr int max_level = 9;

[[noreturn]] void invalid(const std::string& message) {
  throw Error(ErrorCode::invalid_argument, Stage::load, message);
}

void validate(const EstimatorOptions& options) {
  if (options.process_res < 0 || options.process_res > max_process_res) {
    invalid(fmt::format("process resolution {} is not between 0 and {}", options.process_res,
                        max_process_res));
  }
  if (options.tokens < 0 || options.tokens > max_tokens) {
    invalid(fmt::format("{} tokens are not between 0 and {}", options.tokens, max_tokens));
  }
  if (const int level = options.resolution_level.value_or(0); level < 0 || level > max_level) {
    invalid(fmt::format("resolution level {} is not between 0 and {}", level, max_level));
  }
  if ((options.process_res > 0) + (options.tokens > 0) + options.resolution_level.has_value() > 1) {
    invalid("more than one of process resolution, tokens and resolution level is given");
  }
  if (options.intrinsics && options.fov_degrees) {
    invalid("intrinsics and field of view are both given: one of them is enough");
  }
  if (options.intrinsics && !options.intrinsics->valid()) {
    invalid(not_pinhole(*options.intrinsics));
  }
  if (options.threads < 0 || options.threads > max_threads) {
    invalid(fmt::format("{} threads are not between 0 and {}", options.threads, max_threads));
  }
  if (options.fov_degrees) Intrinsics::from_fov(*options.fov_degrees, 1, 1);
  if (!(options.sky_threshold > 0 && std::isfinite(options.sky_threshold))) {
    invalid(fmt::format("sky threshold {} is not finite and above 0", options.sky_threshold));
  }
  if (options.metric_interval < 1 || options.metric_interval > max_metric_interval) {
    invalid(fmt::format("metric interval {} is not between 1 and {}", options.metric_interval,
                        max_metric_interval));
  }
  if (options.metric_interval > 1 && options.metric_model.empty()) {
    invalid("a metric interval is given, and no metric model");
  }
}

void validate(std::span<const ImageView> views, const ViewsOptions& options) {
  const auto fail = [](const std::string& message) {
    throw Error(ErrorCode::invalid_argument, Stage::preprocess, message);
  };
  if (views.empty()) fail("a scene without views");
  for (const ImageView& view : views) depthcloud::validate(view);
  if (options.cameras.empty()) return;
  if (options.cameras.size() != views.size()) {
    fail(fmt::format("{} cameras are known of {} views: all or none", options.cameras.size(),
                     views.size()));
  }
  for (const KnownCamera& camera : options.cameras) {
    validate_extrinsics(camera.extrinsics, Stage::preprocess);
    if (!camera.intrinsics.valid())
      fail("the intrinsics of a view: " + not_pinhole(camera.intrinsics));
  }
}

}  // namespace

struct DepthEstimator::Impl {
  Impl(std::unique_ptr<DepthModel> loaded, const std::stop_token& stop_token)
      : model(std::move(loaded)), stop(stop_token) {}

  std::unique_ptr<DepthModel> model;
  const std::stop_token stop;
  std::mutex mutex;

  /// Runs `pass`, which adds to the times it is given, alone; the times go to `stage_times`.
  template <typename Pass>
  auto run(StageTimes* stage_times, Pass&& pass) {
    return with_memory_errors(Stage::infer, "not enough memory", [&] {
      StageTimes times;
      const std::lock_guard lock(mutex);
      throw_if_stopped(stop);
      auto result = pass(times);
      if (stage_times != nullptr) set_pass_times(*stage_times, times);
      return result;
    });
  }
};

DepthEstimator DepthEstimator::load(const std::string& source, const EstimatorOptions& options) {
  validate(options);
  return with_memory_errors(Stage::load, "not enough memory", [&] {
    return DepthEstimator(std::make_unique<Impl>(load_model(source, options), options.stop));
  });
}

DepthEstimator::DepthEstimator(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
DepthEstimator::~DepthEstimator() = default;
DepthEstimator::DepthEstimator(DepthEstimator&&) noexcept = default;
DepthEstimator& DepthEstimator::operator=(DepthEstimator&&) noexcept = default;

const ModelInfo& DepthEstimator::info() const noexcept { return impl_->model->info(); }

DepthEstimator::Grid DepthEstimator::grid(int width, int height) const {
  if (width <= 0 || height <= 0) {
    throw Error(ErrorCode::invalid_argument, Stage::preprocess,
                fmt::format("image size {} x {} is not positive", width, height));
  }
  return impl_->model->grid(width, height);
}

void DepthEstimator::warm_up(int width, int height) {
  grid(width, height);  // a size that is not positive is an error here
  impl_->run(nullptr, [&](StageTimes&) {
    Image gray(width, height, PixelFormat::gray);
    std::memset(gray.data(), 128, static_cast<std::size_t>(gray.stride()) * gray.height());
    impl_->model->warm_up(std::as_const(gray).view());
    return true;
  });
}

DepthMap DepthEstimator::estimate(const ImageView& image, StageTimes* stage_times) {
  depthcloud::validate(image);
  return impl_->run(stage_times, [&](StageTimes& times) {
    return std::move(impl_->model->estimate({&image, 1}, times).front());
  });
}

std::vector<DepthMap> DepthEstimator::estimate_batch(std::span<const ImageView> images,
                                                     StageTimes* stage_times) {
  std::vector<Grid> grids;
  for (const ImageView& image : images) {
    depthcloud::validate(image);
    grids.push_back(grid(image.width, image.height));
  }
  // Images of one grid next to each other, in their order.
  std::vector<std::size_t> order(images.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::pair(grids[a].width, grids[a].height) < std::pair(grids[b].width, grids[b].height);
  });

  return impl_->run(stage_times, [&](StageTimes& times) {
    std::vector<DepthMap> maps(images.size());
    for (auto first = order.begin(); first != order.end();) {
      const Grid& shared = grids[*first];
      const auto last =
          std::find_if(first, order.end(), [&](std::size_t i) { return !(grids[i] == shared); });
      std::vector<ImageView> group;
      std::transform(first, last, std::back_inserter(group),
                     [&](std::size_t i) { return images[i]; });
      throw_if_stopped(impl_->stop);
      std::vector<DepthMap> results = impl_->model->estimate(group, times);
      for (DepthMap& result : results) maps[*first++] = std::move(result);
    }
    return maps;
  });
}

std::vector<DepthMap> DepthEstimator::estimate_views(std::span<const ImageView> views,
                                                     const ViewsOptions& options,
                                                     StageTimes* stage_times) {
  validate(views, options);
  return impl_->run(stage_times, [&](StageTimes& times) {
    return impl_->model->estimate_views(views, options, times);
  });
}

DecodedFrame DepthEstimator::decode(std::span<const std::uint8_t> encoded,
                                    const DecodeOptions& options, bool fast_decode) const {
  DecodeOptions own = options;
  own.min_width = own.min_height = 0;
  own.alpha = true;  // what is transparent gives no point
  DecodedFrame decoded;
  {
    const Stopwatch watch(decoded.decode_ms);
    PhotoReader reader(encoded, own);
    Grid needed;  // of no size: all of the photo
    if (fast_decode || info().scaled_decode) {
      needed = grid(reader.info().width, reader.info().height);
    }
    decoded.image = reader.decode(needed.width, needed.height);
  }
  return decoded;
}

DecodedFrame DepthEstimator::decode(std::span<const std::uint8_t> encoded) const {
  return decode(encoded, {});
}

std::vector<DepthMap> DepthEstimator::estimate(std::span<const ImageView> images,
                                               StageTimes& times) {
  return estimate_batch(images, &times);
}

std::vector<DepthMap> DepthEstimator::estimate_views(std::span<const ImageView> views,
                                                     StageTimes& times) {
  if (!info().multi_view) return estimate(views, times);
  return estimate_views(views, {}, &times);
}

}  // namespace depthcloud
