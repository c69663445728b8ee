// SPDX-License-Identifier: Apache-2.0
#include "wire/log_depth.hpp"

#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "wire/log_depth.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace depthcloud::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::ScalableTag<float>;
constexpr float largest = std::numeric_limits<float>::max();

template <typename V>
HWY_INLINE auto has_depth(V z) {
  const Floats d;
  return hn::And(hn::Gt(z, hn::Zero(d)), hn::Le(z, hn::Set(d, largest)));
}

DepthBounds depth_bounds(std::span<const float> depth) {
  const Floats d;
  auto nearest = hn::Set(d, largest);
  auto farthest = hn::Zero(d);
  std::size_t count = 0;
  const auto take = [&](auto z) HWY_ATTR {
    const auto valid = has_depth(z);
    nearest = hn::IfThenElse(valid, hn::Min(nearest, z), nearest);
    farthest = hn::IfThenElse(valid, hn::Max(farthest, z), farthest);
    count += hn::CountTrue(d, valid);
  };
  std::size_t i = 0;
  for (; i + hn::Lanes(d) <= depth.size(); i += hn::Lanes(d)) take(hn::LoadU(d, &depth[i]));
  for (; i < depth.size(); ++i) take(hn::IfThenElseZero(hn::FirstN(d, 1), hn::Set(d, depth[i])));
  return {hn::GetLane(hn::MinOfLanes(d, nearest)), hn::GetLane(hn::MaxOfLanes(d, farthest)), count};
}

void to_levels(std::span<const float> depth, const LogScale& scale, std::uint16_t* levels) {
  const Floats d;
  const hn::RebindToSigned<Floats> di;
  const hn::Rebind<std::uint16_t, Floats> du16;
  const auto near = hn::Set(d, static_cast<float>(scale.near));
  const auto per_step = hn::Set(d, static_cast<float>(1 / scale.step));
  const auto none = hn::Set(di, no_level);
  const auto level = [&](auto z) HWY_ATTR {
    const auto valid = has_depth(z);
    const auto steps = hn::Mul(hn::Log2(d, hn::Div(z, near)), per_step);
    const auto nearest_level = hn::NearestInt(hn::IfThenElseZero(valid, steps));
    return hn::DemoteTo(du16, hn::IfThenElse(hn::RebindMask(di, valid), nearest_level, none));
  };
  std::size_t i = 0;
  for (; i + hn::Lanes(d) <= depth.size(); i += hn::Lanes(d)) {
    hn::StoreU(level(hn::LoadU(d, &depth[i])), du16, levels + i);
  }
  for (; i < depth.size(); ++i) levels[i] = hn::GetLane(level(hn::Set(d, depth[i])));
}

}  // namespace depthcloud::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace depthcloud {
namespace {
HWY_EXPORT(depth_bounds);
HWY_EXPORT(to_levels);
}  // namespace

DepthBounds depth_bounds(std::span<const float> depth) {
  return HWY_DYNAMIC_DISPATCH(depth_bounds)(depth);
}

void to_levels(std::span<const float> depth, const LogScale& scale, std::uint16_t* levels) {
  HWY_DYNAMIC_DISPATCH(to_levels)(depth, scale, levels);
}

}  // namespace depthcloud
#endif
