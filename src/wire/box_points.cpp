// SPDX-License-Identifier: Apache-2.0
#include "wire/box_points.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <limits>

// SSE2, SSSE3 and SSE4 have no fused multiply-add: the plain loop takes their place. Scalable
// vectors cannot be kept in arrays.
#define HWY_DISABLED_TARGETS \
  (HWY_SSSE3 | HWY_SSE4 | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "wire/box_points.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

#include <depthcloud/error.hpp>

#ifndef DEPTHCLOUD_WIRE_BOX_BOUNDS
#define DEPTHCLOUD_WIRE_BOX_BOUNDS
namespace depthcloud {
namespace {

/// Least and greatest of each coordinate, as they come.
struct Bounds {
  std::array<float, 3> low;
  std::array<float, 3> high;
  bool finite = true;
};

/// What turns a coordinate into a float whose low 16 bits are its step: times `factor`, plus
/// `offset`, which is 2^23 less the corner's steps.
struct StepMap {
  std::array<float, 3> factor;
  std::array<float, 3> offset;
};

}  // namespace
}  // namespace depthcloud
#endif

HWY_BEFORE_NAMESPACE();
namespace depthcloud::HWY_NAMESPACE {

constexpr float infinity = std::numeric_limits<float>::infinity();

#if HWY_TARGET == HWY_SCALAR || HWY_TARGET == HWY_EMU128 || HWY_TARGET == HWY_SSE2

Bounds bounds(std::span<const float> xyz) {
  Bounds result{{infinity, infinity, infinity}, {-infinity, -infinity, -infinity}};
  for (std::size_t i = 0; i < xyz.size(); ++i) {
    result.finite &= std::isfinite(xyz[i]);
    result.low[i % 3] = std::min(result.low[i % 3], xyz[i]);
    result.high[i % 3] = std::max(result.high[i % 3], xyz[i]);
  }
  return result;
}

void to_steps(std::span<const float> xyz, const StepMap& map, std::uint16_t* out) {
  // The product of two floats is exact in double, and the sum is rounded to a whole number, once,
  // as a fused multiply-add rounds it.
  constexpr double whole = 0x1.8p52;
  for (std::size_t i = 0; i < xyz.size(); ++i) {
    const double steps = double{xyz[i]} * map.factor[i % 3] + (whole + map.offset[i % 3]);
    out[i] = static_cast<std::uint16_t>(std::bit_cast<std::uint64_t>(steps));
  }
}

#else

namespace hn = hwy::HWY_NAMESPACE;
using Floats = hn::ScalableTag<float>;
using Vec = hn::Vec<Floats>;

Bounds bounds(std::span<const float> xyz) {
  const Floats d;
  const std::size_t lanes = hn::Lanes(d);
  // Three vectors of any length hold whole points, so each lane always has the same coordinate.
  Vec low[3], high[3];
  Vec not_finite[3];  // become NaN with the first coordinate that is not finite
  for (int k = 0; k < 3; ++k) {
    low[k] = hn::Set(d, infinity);
    high[k] = hn::Set(d, -infinity);
    not_finite[k] = hn::Zero(d);
  }
  std::size_t i = 0;
  for (; i + 3 * lanes <= xyz.size(); i += 3 * lanes) {
    for (std::size_t k = 0; k < 3; ++k) {
      const Vec x = hn::LoadU(d, xyz.data() + i + k * lanes);
      low[k] = hn::Min(low[k], x);
      high[k] = hn::Max(high[k], x);
      not_finite[k] = hn::MulAdd(x, hn::Zero(d), not_finite[k]);
    }
  }
  HWY_ALIGN float lows[3 * std::size_t{HWY_MAX_BYTES} / sizeof(float)];
  HWY_ALIGN float highs[3 * std::size_t{HWY_MAX_BYTES} / sizeof(float)];
  for (std::size_t k = 0; k < 3; ++k) {
    hn::Store(low[k], d, lows + k * lanes);
    hn::Store(high[k], d, highs + k * lanes);
  }
  Bounds result{{infinity, infinity, infinity}, {-infinity, -infinity, -infinity}};
  for (const Vec& sum : not_finite) result.finite &= hn::AllTrue(d, hn::Eq(sum, hn::Zero(d)));
  for (std::size_t j = 0; j < 3 * lanes; ++j) {
    result.low[j % 3] = std::min(result.low[j % 3], lows[j]);
    result.high[j % 3] = std::max(result.high[j % 3], highs[j]);
  }
  for (; i < xyz.size(); ++i) {
    result.finite &= std::isfinite(xyz[i]);
    result.low[i % 3] = std::min(result.low[i % 3], xyz[i]);
    result.high[i % 3] = std::max(result.high[i % 3], xyz[i]);
  }
  return result;
}

void to_steps(std::span<const float> xyz, const StepMap& map, std::uint16_t* out) {
  const Floats d;
  const hn::RebindToUnsigned<Floats> du;
  const hn::Rebind<std::uint16_t, Floats> du16;
  const std::size_t lanes = hn::Lanes(d);
  HWY_ALIGN float factors[3 * std::size_t{HWY_MAX_BYTES} / sizeof(float)];
  HWY_ALIGN float offsets[3 * std::size_t{HWY_MAX_BYTES} / sizeof(float)];
  for (std::size_t j = 0; j < 3 * lanes; ++j) {
    factors[j] = map.factor[j % 3];
    offsets[j] = map.offset[j % 3];
  }
  Vec factor[3], offset[3];
  for (std::size_t k = 0; k < 3; ++k) {
    factor[k] = hn::Load(d, factors + k * lanes);
    offset[k] = hn::Load(d, offsets + k * lanes);
  }
  std::size_t i = 0;
  for (; i + 3 * lanes <= xyz.size(); i += 3 * lanes) {
    for (std::size_t k = 0; k < 3; ++k) {
      const Vec x = hn::LoadU(d, xyz.data() + i + k * lanes);
      const auto bits = hn::BitCast(du, hn::MulAdd(x, factor[k], offset[k]));
      hn::StoreU(hn::TruncateTo(du16, bits), du16, out + i + k * lanes);
    }
  }
  for (; i < xyz.size(); ++i) {
    const Vec x = hn::Set(d, xyz[i]);
    const auto bits = hn::BitCast(
        du, hn::MulAdd(x, hn::Set(d, map.factor[i % 3]), hn::Set(d, map.offset[i % 3])));
    out[i] = static_cast<std::uint16_t>(hn::GetLane(bits));
  }
}

#endif

}  // namespace depthcloud::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace depthcloud {
namespace {

HWY_EXPORT(bounds);
HWY_EXPORT(to_steps);

/// The reciprocal of the scale, as the float that coordinates are multiplied by.
float steps_per_unit(const PointBox& box) { return static_cast<float>(1 / box.scale); }

}  // namespace

PointBox point_box(std::span<const float> xyz, const SignMasks& signs) {
  if (xyz.empty()) return {};
  const Bounds b = HWY_DYNAMIC_DISPATCH(bounds)(xyz);
  if (!b.finite) {
    throw Error(ErrorCode::invalid_argument, Stage::pack,
                "q16 cannot hold a coordinate that is not finite");
  }
  std::array<double, 3> low{};
  double extent = 0, magnitude = 0;
  for (std::size_t k = 0; k < 3; ++k) {
    // Of 0 and -0, targets do not agree which is the lower; the sum is 0 for both.
    low[k] = (signs[k] != 0 ? -double{b.high[k]} : double{b.low[k]}) + 0.0;
    extent = std::max(extent, double{b.high[k]} - double{b.low[k]});
    magnitude = std::max({magnitude, std::fabs(double{b.high[k]}), std::fabs(double{b.low[k]})});
  }
  // At most 65,534 steps wide, as the corner may lie a step lower than the lowest point. No finer
  // than 2^-22 of the largest coordinate: float32 itself has 2^-24.
  const double scale = std::max({extent / 65534, magnitude / (1 << 22), 0x1p-100});
  PointBox box;
  box.scale = 1 / double{static_cast<float>(1 / scale)};
  for (std::size_t k = 0; k < 3; ++k) box.origin[k] = std::floor(low[k] / box.scale) * box.scale;
  return box;
}

void to_box(std::span<const float> xyz, const SignMasks& signs, const PointBox& box,
            std::uint16_t* out) {
  StepMap map{};
  for (std::size_t k = 0; k < 3; ++k) {
    map.factor[k] = signs[k] != 0 ? -steps_per_unit(box) : steps_per_unit(box);
    const double corner = std::nearbyint(box.origin[k] / box.scale);
    map.offset[k] = static_cast<float>((1 << 23) - corner);
  }
  HWY_DYNAMIC_DISPATCH(to_steps)(xyz, map, out);
}

void from_box(std::span<const std::uint8_t> steps, const PointBox& box, float* xyz) {
  const PointBox b = box;
  for (std::size_t i = 0; 2 * i < steps.size(); i += 3) {
    for (std::size_t k = 0; k < 3; ++k) {
      std::uint16_t step = 0;
      std::memcpy(&step, steps.data() + 2 * (i + k), sizeof step);
      xyz[i + k] = static_cast<float>(b.origin[k] + b.scale * step);
    }
  }
}

std::int64_t box_points_targets() { return HWY_TARGETS; }

}  // namespace depthcloud
#endif
