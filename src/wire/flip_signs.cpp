// SPDX-License-Identifier: Apache-2.0
#include "wire/flip_signs.hpp"

#include <bit>
#include <cstddef>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "wire/flip_signs.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace depthcloud::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Three vectors of any length hold whole points, so the masks repeat every three vectors.
void flip_signs(std::span<const float> xyz, const SignMasks& signs, float* out) {
  const hn::ScalableTag<float> df;
  const hn::RebindToUnsigned<decltype(df)> du;
  const std::size_t lanes = hn::Lanes(df);

  HWY_ALIGN std::uint32_t pattern[3 * std::size_t{HWY_MAX_BYTES} / sizeof(std::uint32_t)];
  for (std::size_t k = 0; k < 3 * lanes; ++k) pattern[k] = signs[k % 3];
  const auto mask0 = hn::BitCast(df, hn::Load(du, pattern));
  const auto mask1 = hn::BitCast(df, hn::Load(du, pattern + lanes));
  const auto mask2 = hn::BitCast(df, hn::Load(du, pattern + 2 * lanes));

  std::size_t i = 0;
  for (; i + 3 * lanes <= xyz.size(); i += 3 * lanes) {
    const float* in = xyz.data() + i;
    hn::StoreU(hn::Xor(hn::LoadU(df, in), mask0), df, out + i);
    hn::StoreU(hn::Xor(hn::LoadU(df, in + lanes), mask1), df, out + i + lanes);
    hn::StoreU(hn::Xor(hn::LoadU(df, in + 2 * lanes), mask2), df, out + i + 2 * lanes);
  }
  for (; i < xyz.size(); ++i) {
    out[i] = std::bit_cast<float>(std::bit_cast<std::uint32_t>(xyz[i]) ^ signs[i % 3]);
  }
}

}  // namespace depthcloud::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace depthcloud {
namespace {
HWY_EXPORT(flip_signs);
}  // namespace

void flip_signs(std::span<const float> xyz, const SignMasks& signs, float* out) {
  HWY_DYNAMIC_DISPATCH(flip_signs)(xyz, signs, out);
}

std::int64_t flip_signs_targets() { return HWY_TARGETS; }

}  // namespace depthcloud
#endif
