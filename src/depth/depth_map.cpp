// SPDX-License-Identifier: Apache-2.0
#include "depth/depth_steps.hpp"
#include "depth/device_depth.hpp"
#include "depth/pinhole.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include <depthcloud/error.hpp>

#include "core/address_space.hpp"
#include "core/enum_names.hpp"

namespace depthcloud {
namespace {

constexpr EnumNames<MetresSource, 5> metres_sources{
    {"unknown", "model", "metric_model", "known_depth", "measured"}};

[[noreturn]] void fail(const std::string& message) {
  throw Error(ErrorCode::invalid_argument, Stage::cloud, message);
}

std::size_t checked_area(int width, int height) {
  if (width <= 0 || height <= 0) {
    fail(fmt::format("depth map size {} x {} is not positive", width, height));
  }
  if (!fits_memory(height, std::int64_t{width} * static_cast<std::int64_t>(sizeof(float)))) {
    fail(fmt::format("a depth map of {} x {} fits no memory", width, height));
  }
  return static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
}

void check_intrinsics(const Intrinsics& k) {
  if (!k.valid()) {
    fail(not_pinhole(k));
  }
}

void check_size(const char* plane, std::size_t size, std::size_t expected, bool may_be_empty) {
  if (size == expected || (may_be_empty && size == 0)) return;
  fail(fmt::format("{} plane holds {} values in place of {}", plane, size, expected));
}

/// Where one output sample reads its two neighbours along an axis, pixel centres aligned.
struct Tap {
  int low;
  int high;
  float weight_high;
};

std::vector<Tap> taps(int from, int to) {
  std::vector<Tap> result(static_cast<std::size_t>(to));
  const double step = static_cast<double>(from) / to;
  for (int i = 0; i < to; ++i) {
    const double center = std::clamp((i + 0.5) * step - 0.5, 0.0, from - 1.0);
    const int low = static_cast<int>(center);
    result[static_cast<std::size_t>(i)] = {low, std::min(low + 1, from - 1),
                                           static_cast<float>(center - low)};
  }
  return result;
}

bool has_depth(float z) { return std::isfinite(z) && z > 0; }

/// Bilinear interpolation over the neighbours that have depth; 0 when none has.
struct Interpolator {
  const float* depth;
  int width;

  float operator()(const float* plane, const Tap& row, const Tap& column) const {
    float sum = 0;
    float weights = 0;
    for_each(row, column, [&](std::size_t i, float weight) {
      sum += weight * plane[i];
      weights += weight;
    });
    return weights > 0 ? sum / weights : 0.0f;
  }

  /// Of unit vectors, three values a pixel: one of length 1, or 0 where there is none.
  std::array<float, 3> normal(const float* normals, const Tap& row, const Tap& column) const {
    std::array<float, 3> sum{};
    for_each(row, column, [&](std::size_t i, float weight) {
      for (std::size_t k = 0; k < 3; ++k) sum[k] += weight * normals[3 * i + k];
    });
    const float length = std::sqrt(sum[0] * sum[0] + sum[1] * sum[1] + sum[2] * sum[2]);
    if (!(length > 0)) return {};
    return {sum[0] / length, sum[1] / length, sum[2] / length};
  }

  /// Calls `add` for each neighbour that has depth and a weight.
  template <typename Add>
  void for_each(const Tap& row, const Tap& column, Add&& add) const {
    const auto visit = [&](int v, int u, float weight) {
      const std::size_t i = static_cast<std::size_t>(v) * static_cast<std::size_t>(width) +
                            static_cast<std::size_t>(u);
      if (weight > 0 && has_depth(depth[i])) add(i, weight);
    };
    visit(row.low, column.low, (1 - row.weight_high) * (1 - column.weight_high));
    visit(row.low, column.high, (1 - row.weight_high) * column.weight_high);
    visit(row.high, column.low, row.weight_high * (1 - column.weight_high));
    visit(row.high, column.high, row.weight_high * column.weight_high);
  }
};

}  // namespace

void validate(const DepthView& depth) {
  checked_area(depth.width, depth.height);
  if (depth.depth == nullptr) fail("depth map has no depth plane");
  check_intrinsics(depth.intrinsics);
}

void validate(const DepthView16& depth) {
  checked_area(depth.width, depth.height);
  if (depth.depth == nullptr) fail("depth map has no depth plane");
  if (!(std::isfinite(depth.scale) && depth.scale > 0)) {
    fail(fmt::format("depth scale {} is not finite and above 0", depth.scale));
  }
  check_intrinsics(depth.intrinsics);
}

const char* to_string(MetresSource source) noexcept { return metres_sources.to_string(source); }

DepthMap to_depth_map(const DepthView16& depth) {
  validate(depth);
  const std::size_t area = checked_area(depth.width, depth.height);
  DepthPlanes planes;
  planes.depth.resize(area);
  to_floats(depth, planes.depth);
  if (depth.confidence != nullptr)
    planes.confidence.assign(depth.confidence, depth.confidence + area);
  return {depth.width,
          depth.height,
          std::move(planes),
          {.intrinsics = depth.intrinsics,
           .intrinsics_source = IntrinsicsSource::options,
           .metric = true,
           .metres_source = MetresSource::measured}};
}

DepthMap::DepthMap(int width, int height, DepthPlanes planes, const DepthInfo& info) {
  const std::size_t area = checked_area(width, height);
  check_size("depth", planes.depth.size(), area, false);
  check_size("confidence", planes.confidence.size(), area, true);
  check_size("sky", planes.sky.size(), area, true);
  check_size("normals", planes.normals.size(), 3 * area, true);
  const auto owner = std::make_shared<const DepthPlanes>(std::move(planes));
  *this = DepthMap(width, height,
                   SharedDepthPlanes{owner->depth.data(),
                                     owner->confidence.empty() ? nullptr : owner->confidence.data(),
                                     owner->sky.empty() ? nullptr : owner->sky.data(), owner,
                                     owner->normals.empty() ? nullptr : owner->normals.data()},
                   info);
}

DepthMap::DepthMap(int width, int height, SharedDepthPlanes planes, const DepthInfo& info)
    : width_(width), height_(height), info_(info), on_host_(std::move(planes)) {
  const std::size_t area = checked_area(width, height);
  check_intrinsics(info.intrinsics);
  if (on_host_.depth == nullptr) fail("depth map has no depth plane");
  if (on_host_.confidence == nullptr) {
    struct WithOnes {
      std::shared_ptr<const void> planes;
      std::vector<float> confidence;
    };
    const auto owner = std::make_shared<const WithOnes>(
        WithOnes{std::move(on_host_.owner), std::vector<float>(area, 1.0f)});
    on_host_.confidence = owner->confidence.data();
    on_host_.owner = owner;
  }
}

DepthMap DeviceDepth::wrap(int width, int height, std::shared_ptr<const DeviceDepth> planes,
                           const DepthInfo& info) {
  checked_area(width, height);
  check_intrinsics(info.intrinsics);
  if (planes == nullptr) fail("depth map has no depth plane");
  DepthMap map;
  map.width_ = width;
  map.height_ = height;
  map.info_ = info;
  map.on_device_ = std::move(planes);
  return map;
}

Device DepthMap::device() const { return on_device_ ? on_device_->device() : Device{}; }

namespace {

void require_host(const DepthMap& map) {
  if (!DeviceDepth::of(map)) return;
  throw Error(ErrorCode::unavailable, Stage::cloud,
              fmt::format("the depth map lives on {}: call host() first", to_string(map.device())));
}

}  // namespace

std::span<const float> DepthMap::depth() const {
  require_host(*this);
  return {on_host_.depth, static_cast<std::size_t>(width_) * static_cast<std::size_t>(height_)};
}

std::span<const float> DepthMap::confidence() const {
  return {on_host_.confidence, depth().size()};
}

std::span<const std::uint8_t> DepthMap::sky() const {
  const std::size_t size = depth().size();
  return {on_host_.sky, on_host_.sky ? size : 0};
}

std::span<const float> DepthMap::normals() const {
  const std::size_t size = depth().size();
  return {on_host_.normals, on_host_.normals ? 3 * size : 0};
}

DepthMap DepthMap::host() const {
  if (!on_device_) return *this;
  return {width_, height_, on_device_->to_host(), info_};
}

DepthMap DepthMap::resized(int width, int height) const {
  const std::size_t area = checked_area(width, height);
  const DepthMap source = host();
  const std::vector<Tap> rows = taps(height_, height);
  const std::vector<Tap> columns = taps(width_, width);
  const Interpolator interpolate{source.depth().data(), width_};

  DepthPlanes planes;
  planes.depth.reserve(area);
  planes.confidence.reserve(area);
  for (const Tap& row : rows) {
    for (const Tap& column : columns) {
      planes.depth.push_back(interpolate(source.depth().data(), row, column));
      planes.confidence.push_back(interpolate(source.confidence().data(), row, column));
    }
  }
  if (!source.sky().empty()) {
    planes.sky.reserve(area);
    for (const Tap& row : rows) {
      const int v = row.weight_high < 0.5f ? row.low : row.high;
      for (const Tap& column : columns) {
        const int u = column.weight_high < 0.5f ? column.low : column.high;
        planes.sky.push_back(
            source.sky()[static_cast<std::size_t>(v) * static_cast<std::size_t>(width_) +
                         static_cast<std::size_t>(u)]);
      }
    }
  }
  if (!source.normals().empty()) {
    planes.normals.reserve(3 * area);
    for (const Tap& row : rows) {
      for (const Tap& column : columns) {
        const auto normal = interpolate.normal(source.normals().data(), row, column);
        planes.normals.insert(planes.normals.end(), normal.begin(), normal.end());
      }
    }
  }
  DepthInfo info = info_;
  info.intrinsics = info_.intrinsics.scaled_to(width_, height_, width, height);
  return {width, height, std::move(planes), info};
}

DepthView DepthMap::view() const& {
  return {width_, height_, depth().data(), confidence().data(), info_.intrinsics, on_host_.normals};
}

}  // namespace depthcloud
