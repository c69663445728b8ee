// SPDX-License-Identifier: Apache-2.0
#include "wire/log_depth.hpp"

#include <bit>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "wire/log_depth.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

#ifndef DEPTHCLOUD_WIRE_STEPS_PER_OCTAVE
#define DEPTHCLOUD_WIRE_STEPS_PER_OCTAVE
namespace depthcloud {
namespace {

/// In two floats, the first so short that its product with a whole number up to 128 is exact.
struct StepsPerOctave {
  float coarse;
  float fine;
};

StepsPerOctave steps_per_octave(double step) {
  const auto nearest = static_cast<float>(1 / step);
  const auto coarse = std::bit_cast<float>(std::bit_cast<std::uint32_t>(nearest) & 0xFFFFFF00u);
  return {coarse, static_cast<float>(1 / step - coarse)};
}

}  // namespace
}  // namespace depthcloud
#endif

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

/// To whole numbers, half to even, of values below 2^22. Highway's own rounding depends on the
/// target just below one half.
template <typename V>
HWY_INLINE V round(V x) {
  const auto whole = hn::Set(Floats(), 0x1.8p23f);
  return hn::Sub(hn::Add(x, whole), whole);
}

/// log2 of a normal number as a whole number of octaves and what is returned, from -0.5 to 0.5. Not
/// Highway's, which fuses multiply-adds where the target can and so differs in the last bit.
template <typename V>
HWY_INLINE V log2(V x, V& octaves) {
  const Floats d;
  const hn::RebindToSigned<Floats> di;
  const auto bits = hn::BitCast(di, x);
  const auto half_root = hn::Set(di, 0x3F3504F3);  // sqrt(0.5)
  const auto exponent = hn::ShiftRight<23>(hn::Sub(bits, half_root));
  octaves = hn::ConvertTo(d, exponent);
  const auto mantissa = hn::BitCast(d, hn::Sub(bits, hn::ShiftLeft<23>(exponent)));
  // log2(m) = s p(s^2) with s = (m - 1) / (m + 1): least squares at Chebyshev nodes, within 7e-9.
  const auto one = hn::Set(d, 1.0f);
  const auto s = hn::Div(hn::Sub(mantissa, one), hn::Add(mantissa, one));
  const auto z = hn::Mul(s, s);
  auto p = hn::Add(hn::Set(d, 0.57671452f), hn::Mul(z, hn::Set(d, 0.43173301f)));
  p = hn::Add(hn::Set(d, 0.96179885f), hn::Mul(z, p));
  p = hn::Add(hn::Set(d, 2.88539004f), hn::Mul(z, p));
  return hn::Mul(s, p);
}

void to_levels(std::span<const float> depth, const LogScale& scale, std::uint16_t* levels) {
  const Floats d;
  const hn::RebindToSigned<Floats> di;
  const hn::Rebind<std::uint16_t, Floats> du16;
  const auto near = hn::Set(d, static_cast<float>(scale.near));
  const StepsPerOctave per_octave = steps_per_octave(scale.step);
  const auto coarse = hn::Set(d, per_octave.coarse);
  const auto fine = hn::Set(d, per_octave.fine);
  const auto all = hn::Set(d, per_octave.coarse + per_octave.fine);
  const auto none = hn::Set(di, no_level);
  const auto level = [&](auto z) HWY_ATTR {
    const auto valid = has_depth(z);
    auto octaves = hn::Zero(d);
    const auto part = log2(hn::Div(hn::IfThenElse(valid, z, near), near), octaves);
    const auto exact = hn::Mul(octaves, coarse);
    const auto whole = round(exact);
    const auto rest =
        hn::Add(hn::Sub(exact, whole), hn::Add(hn::Mul(octaves, fine), hn::Mul(part, all)));
    const auto nearest_level = hn::ConvertTo(di, hn::Add(whole, round(rest)));
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

std::int64_t log_depth_targets() { return HWY_TARGETS; }

}  // namespace depthcloud
#endif
