// SPDX-License-Identifier: Apache-2.0
#include "wire/large_values.hpp"

#include <cstddef>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "wire/large_values.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace depthcloud::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// A branch for each value would be mispredicted at every other one of a noisy scene.
Buffer<std::uint16_t> large_values(std::span<const std::uint16_t> values, std::uint16_t least) {
  const hn::ScalableTag<std::uint16_t> d;
  const std::size_t lanes = hn::Lanes(d);
  Buffer<std::uint16_t> large(values.size() + lanes);  // a vector is stored whole
  std::size_t count = 0;
  std::size_t i = 0;
  for (; i + lanes <= values.size(); i += lanes) {
    const auto some = hn::LoadU(d, &values[i]);
    const auto is_large = hn::Eq(hn::Max(some, hn::Set(d, least)), some);
    if (hn::AllFalse(d, is_large)) continue;
    // Not CompressStore: the memory form of the AVX-512 instruction is microcode on Zen 4.
    hn::StoreU(hn::Compress(some, is_large), d, large.data() + count);
    count += hn::CountTrue(d, is_large);
  }
  for (; i < values.size(); ++i) {
    large[count] = values[i];
    count += static_cast<std::size_t>(values[i] >= least);
  }
  large.resize(count);
  return large;
}

}  // namespace depthcloud::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace depthcloud {
namespace {
HWY_EXPORT(large_values);
}  // namespace

Buffer<std::uint16_t> large_values(std::span<const std::uint16_t> values, std::uint16_t least) {
  return HWY_DYNAMIC_DISPATCH(large_values)(values, least);
}

std::int64_t large_values_targets() { return HWY_TARGETS; }

}  // namespace depthcloud
#endif
