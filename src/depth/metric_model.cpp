// SPDX-License-Identifier: Apache-2.0
#include "depth/metric_model.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include <depthcloud/error.hpp>

#include "core/log.hpp"
#include "core/stopwatch.hpp"
#include "depth/is_depth.hpp"
#include "depth/metric_alignment.hpp"
#include "depth/scale_memory.hpp"

namespace depthcloud {
namespace {

[[noreturn]] void refuse(const std::string& message) {
  throw Error(ErrorCode::invalid_argument, Stage::load, message);
}

void check_gives_metres(const ModelInfo& info) {
  if (!info.metric) {
    refuse(fmt::format("the metric model '{}' gives no metres, as Depth Anything 3 metric does",
                       info.name));
  }
  if (!info.sky) {
    refuse(
        fmt::format("the metric model '{}' does not tell the sky, which must not be scaled to, "
                    "as Depth Anything 3 metric does",
                    info.name));
  }
}

/// What both are, as one model.
ModelInfo info_of(const ModelInfo& model, const ModelInfo& metric) {
  ModelInfo info = model;
  info.architecture += fmt::format("; in metres by {}", metric.architecture);
  info.parameters =
      model.parameters > 0 && metric.parameters > 0 ? model.parameters + metric.parameters : 0;
  info.memory_bytes = model.memory_bytes > 0 && metric.memory_bytes > 0
                          ? model.memory_bytes + metric.memory_bytes
                          : 0;
  info.metric = true;
  info.sky = true;
  info.metric_model = metric.name;
  if (info.license != metric.license) {
    info.license = info.license.empty() || metric.license.empty()
                       ? ""
                       : fmt::format("{}; {}", info.license, metric.license);
  }
  return info;
}

/// The image with the focal length of a depth map of it as that of its photo, so that a network
/// which knows nothing else of the camera has the mean of fx and fy on its grid.
ImageView with_focal_length(const ImageView& image, const DepthMap& depth) {
  ImageView view = image;
  if (view.photo.width <= 0 || view.photo.height <= 0) {
    view.photo.width = image.width;
    view.photo.height = image.height;
  }
  const ImageRegion& region = depth.info().region;
  const double to_grid = depth.width() / (region.width * view.photo.width) +
                         depth.height() / (region.height * view.photo.height);
  view.photo.focal_px = (depth.intrinsics().fx + depth.intrinsics().fy) / to_grid;
  return view;
}

/// The planes of a view that are compared and changed.
struct Planes {
  std::vector<float> depth;
  std::vector<float> confidence;
  std::vector<float> metres;  ///< of the metric network; 0: none
  std::vector<std::uint8_t> sky;

  TwoDepths view() const { return {depth, confidence, metres, sky}; }
};

/// Where a pixel of one grid lies on another, along one axis, in pixels from the centre of the
/// first. Both show parts of one image.
class Axis {
 public:
  Axis(int from, double from_start, double from_length, int to, double to_start, double to_length)
      : step_(from_length / from / to_length * to),
        first_((from_start + from_length / from / 2 - to_start) / to_length * to - 0.5),
        last_(to - 1) {}

  double operator()(int pixel) const { return std::clamp(first_ + pixel * step_, 0.0, last_); }

 private:
  double step_;
  double first_;
  double last_;
};

/// Lays the metric network's planes on the grid of `depth`: metres bilinearly between pixels that
/// have some and are not sky, sky from the nearest pixel.
void lay_on_grid(const DepthMap& metric, const DepthMap& depth, Planes& planes) {
  const ImageRegion& from = depth.info().region;
  const ImageRegion& to = metric.info().region;
  const auto metres = metric.depth();
  const auto sky = metric.sky();
  if (sky.empty()) {
    throw Error(ErrorCode::bad_model, Stage::infer, "the metric network gave no sky");
  }
  if (metric.width() == depth.width() && metric.height() == depth.height() && from == to) {
    planes.metres.assign(metres.begin(), metres.end());
    planes.sky.assign(sky.begin(), sky.end());
    return;
  }
  const Axis column(depth.width(), from.x, from.width, metric.width(), to.x, to.width);
  const Axis row(depth.height(), from.y, from.height, metric.height(), to.y, to.height);
  const auto at = [&](std::ptrdiff_t x, std::ptrdiff_t y) {
    return static_cast<std::size_t>(std::min<std::ptrdiff_t>(y, metric.height() - 1) *
                                        metric.width() +
                                    std::min<std::ptrdiff_t>(x, metric.width() - 1));
  };
  for (int v = 0; v < depth.height(); ++v) {
    for (int u = 0; u < depth.width(); ++u) {
      const double x = column(u), y = row(v);
      const auto left = static_cast<std::ptrdiff_t>(x), top = static_cast<std::ptrdiff_t>(y);
      double sum = 0, weights = 0;
      for (const int j : {0, 1}) {
        for (const int i : {0, 1}) {
          const std::size_t pixel = at(left + i, top + j);
          const float z = metres[pixel];
          if (!is_depth(z) || sky[pixel] != 0) continue;
          const double weight = std::abs(1 - i - (x - static_cast<double>(left))) *
                                std::abs(1 - j - (y - static_cast<double>(top)));
          sum += weight * z;
          weights += weight;
        }
      }
      planes.metres.push_back(weights > 0 ? static_cast<float>(sum / weights) : 0);
      planes.sky.push_back(sky[at(std::lround(x), std::lround(y))]);
    }
  }
}

/// Depth times the scale; `sky` pixels at their depth, with the lowest confidence.
DepthMap in_metres(const DepthMap& map, double scale, Planes planes, float sky) {
  constexpr float sky_confidence = 1;
  for (std::size_t i = 0; i < planes.depth.size(); ++i) {
    const bool is_sky = !planes.sky.empty() && planes.sky[i] != 0;
    planes.depth[i] = is_sky ? sky : static_cast<float>(planes.depth[i] * scale);
    if (is_sky) planes.confidence[i] = sky_confidence;
  }
  DepthInfo info = map.info();
  info.metric = true;
  info.metres_source = MetresSource::metric_model;
  if (info.extrinsics) {
    for (const std::size_t i : {3u, 7u, 11u}) (*info.extrinsics)[i] *= scale;
  }
  return {map.width(),
          map.height(),
          {std::move(planes.depth), std::move(planes.confidence), std::move(planes.sky)},
          info};
}

Planes planes_of(const DepthMap& map) {
  Planes planes;
  planes.depth.assign(map.depth().begin(), map.depth().end());
  planes.confidence.assign(map.confidence().begin(), map.confidence().end());
  return planes;
}

class MetricModel final : public DepthModel {
 public:
  MetricModel(std::unique_ptr<DepthModel> model, std::unique_ptr<DepthModel> metric,
              const EstimatorOptions& options)
      : model_(std::move(model)),
        metric_(std::move(metric)),
        knows_camera_(options.intrinsics || options.fov_degrees),
        carries_(options.metric_interval > 1),
        memory_(options.metric_interval),
        info_(info_of(model_->info(), metric_->info())) {}

  const ModelInfo& info() const override { return info_; }

  Grid grid(int width, int height) const override { return model_->grid(width, height); }

  void warm_up(const ImageView& image) override {
    model_->warm_up(image);
    metric_->warm_up(image);
  }

  std::vector<DepthMap> estimate(std::span<const ImageView> images, StageTimes& times) override {
    std::vector<DepthMap> maps = model_->estimate(images, times);
    const Stopwatch watch(times[Stage::metric]);
    for (std::size_t i = 0; i < maps.size(); ++i) {
      maps[i] = carries_ ? in_sequence(maps[i].host(), images[i])
                         : std::move(align({maps[i].host()}, {&images[i], 1}).maps.front());
    }
    return maps;
  }

  std::vector<DepthMap> estimate_views(std::span<const ImageView> views,
                                       const ViewsOptions& options, StageTimes& times) override {
    if (!options.cameras.empty()) {
      throw Error(ErrorCode::invalid_argument, Stage::preprocess,
                  fmt::format("known cameras set the unit of depth, and so does the metric model "
                              "'{}': give one of them",
                              info_.metric_model));
    }
    std::vector<DepthMap> maps = model_->estimate_views(views, options, times);
    const Stopwatch watch(times[Stage::metric]);
    for (DepthMap& map : maps) map = map.host();
    return align(std::move(maps), views).maps;
  }

 private:
  struct Aligned {
    std::vector<DepthMap> maps;   ///< in metres where there is a scale
    std::optional<double> scale;  ///< of all
  };

  /// One frame of those that a camera delivers.
  DepthMap in_sequence(DepthMap map, const ImageView& image) {
    FrameSketch frame = sketch(map, image);
    if (const auto scale = memory_.carry(frame)) {
      return in_metres(map, *scale, planes_of(map), 0);
    }
    Aligned aligned = align({std::move(map)}, {&image, 1});
    if (aligned.scale) memory_.keep(std::move(frame), *aligned.scale);
    return std::move(aligned.maps.front());
  }

  /// All views of a scene by one scale. The metric network sees one view at a time, as each has to
  /// be understood alone.
  Aligned align(std::vector<DepthMap> maps, std::span<const ImageView> images) {
    std::vector<Planes> planes;
    std::vector<TwoDepths> compared;
    for (std::size_t i = 0; i < maps.size(); ++i) planes.push_back(planes_of(maps[i]));
    for (std::size_t i = 0; i < maps.size(); ++i) {
      const bool gives_metres = see_in_metres(maps[i], images[i], planes[i]);
      if (gives_metres) compared.push_back(planes[i].view());
    }
    const MetricAlignment found = compared.empty()
                                      ? MetricAlignment{.obstacle = "no focal length is known"}
                                      : align_to_metres(compared);
    report(found);
    if (!found.obstacle.empty()) return {std::move(maps), std::nullopt};
    std::vector<TwoDepths> all;
    all.reserve(planes.size());
    for (const Planes& of_view : planes) all.push_back(of_view.view());
    const float sky = sky_depth(all, found.scale);
    for (std::size_t i = 0; i < maps.size(); ++i) {
      maps[i] = in_metres(maps[i], found.scale, std::move(planes[i]), sky);
    }
    return {std::move(maps), found.scale};
  }

  /// Fills in the metric network's planes; whether its depth is in metres, for which it may need
  /// the focal length.
  bool see_in_metres(const DepthMap& map, const ImageView& image, Planes& planes) {
    const bool has_focal_length = map.info().intrinsics_source != IntrinsicsSource::default_fov;
    const ImageView view =
        knows_camera_ || !has_focal_length ? image : with_focal_length(image, map);
    StageTimes own;  // all of it is Stage::metric
    const DepthMap metric = metric_->estimate({&view, 1}, own).front().host();
    lay_on_grid(metric, map, planes);
    return metric.is_metric();
  }

  /// A stream would say the same of every frame.
  void report(const MetricAlignment& found) {
    if (found.obstacle == reported_) return;
    reported_ = found.obstacle;
    if (!reported_.empty()) {
      log(LogLevel::warning, fmt::format("depth has no metres: {}", reported_));
    }
  }

  std::unique_ptr<DepthModel> model_;
  std::unique_ptr<DepthModel> metric_;
  bool knows_camera_;
  bool carries_;
  ScaleMemory memory_;
  ModelInfo info_;
  std::string reported_;
};

}  // namespace

void check_takes_metres(const ModelInfo& info) {
  if (info.metric) {
    refuse(fmt::format("'{}' gives metres itself: a metric model beside it has nothing to do",
                       info.name));
  }
  if (!info.multi_view || !info.confidence || !(info.confidence->low < info.confidence->high)) {
    refuse(
        fmt::format("'{}' estimates no camera with confidence, which a metric model needs beside "
                    "it: take a multi-view network, such as Depth Anything 3 small",
                    info.name));
  }
}

std::unique_ptr<DepthModel> add_metres(std::unique_ptr<DepthModel> model,
                                       std::unique_ptr<DepthModel> metric,
                                       const EstimatorOptions& options) {
  check_takes_metres(model->info());
  check_gives_metres(metric->info());
  return std::make_unique<MetricModel>(std::move(model), std::move(metric), options);
}

}  // namespace depthcloud
